// Budget: the time a run may spend over all its sittings, and what each stage may take of what is left.
#pragma once

#include <algorithm>

#include "base/clock.h"

namespace nacre {

class Budget {
 public:
  // `spent`: by earlier sittings.
  Budget(const Clock& clock, Seconds total, Seconds spent)
      : clock_(clock), total_(total), start_(clock.Now() - spent) {}

  Seconds Spent() const { return clock_.Now() - start_; }
  Seconds Total() const { return total_; }
  Seconds Left() const { return std::max(Seconds(0), total_ - Spent()); }
  // Time on the clock when `share` of the whole budget will have been spent.
  Seconds At(double share) const { return start_ + share * total_; }
  const Clock& clock() const { return clock_; }

 private:
  const Clock& clock_;
  Seconds total_, start_;
};

}  // namespace nacre
