// Budget: the time a run may spend over all its sittings, and what each stage may take of a part of
// it (rounds.h).
#pragma once

#include "base/clock.h"

namespace nacre {

class Budget {
 public:
  // `spent`: by earlier sittings.
  Budget(const Clock& clock, Seconds total, Seconds spent)
      : clock_(&clock), total_(total), start_(clock.Now() - spent) {}

  // The part of the run from `begin` to `end`, in seconds of all its sittings.
  Budget Part(Seconds begin, Seconds end) const {
    Budget part = *this;
    part.begin_ = begin;
    part.total_ = end;
    return part;
  }

  Seconds Spent() const { return clock_->Now() - start_; }
  Seconds Total() const { return total_; }
  Seconds Length() const { return total_ - begin_; }
  bool FromTheStart() const { return begin_ == Seconds(0); }
  // Time on the clock when `share` of the part will have been spent.
  Seconds At(double share) const { return start_ + begin_ + share * Length(); }
  const Clock& clock() const { return *clock_; }

 private:
  const Clock* clock_;
  Seconds total_, start_, begin_{0};
};

}  // namespace nacre
