#include "base/crew.h"

#include <algorithm>

namespace nacre {

Crew::Crew(int members) : thrown_(static_cast<size_t>(std::max(1, members))) {
  for (int member = 1; member < members; ++member) {
    others_.emplace_back([this, member] { Serve(member); });
  }
}

Crew::~Crew() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  begin_.notify_all();
  for (std::thread& other : others_) other.join();
}

void Crew::Each(const std::function<void(int)>& work) {
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    busy_ = static_cast<int>(others_.size());
    ++call_;
  }
  begin_.notify_all();
  Do(0);
  std::unique_lock lock(mutex_);
  end_.wait(lock, [&] { return busy_ == 0; });
  const auto first = std::find_if(thrown_.begin(), thrown_.end(),
                                  [](const std::exception_ptr& each) { return each != nullptr; });
  if (first == thrown_.end()) return;
  const std::exception_ptr thrown = *first;
  std::fill(thrown_.begin(), thrown_.end(), nullptr);
  std::rethrow_exception(thrown);
}

void Crew::Serve(int member) {
  for (int seen = 0;;) {
    {
      std::unique_lock lock(mutex_);
      begin_.wait(lock, [&] { return closing_ || call_ != seen; });
      if (closing_) return;
      seen = call_;
    }
    Do(member);
    const std::lock_guard lock(mutex_);
    if (--busy_ == 0) end_.notify_one();
  }
}

void Crew::Do(int member) {
  try {
    (*work_)(member);
  } catch (...) {
    thrown_[static_cast<size_t>(member)] = std::current_exception();
  }
}

}  // namespace nacre
