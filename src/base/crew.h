// A few threads that do the same work at the same time; the caller is one of them. They wait
// between calls, asleep.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace nacre {

class Crew {
 public:
  explicit Crew(int members);  // at least 1
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  int members() const { return static_cast<int>(others_.size()) + 1; }
  // work(0) to work(members - 1), each in a thread of its own, the same one every time; returns
  // when all have ended. Throws what the first member that threw has thrown. Not to be called from
  // within `work`.
  void Each(const std::function<void(int member)>& work);

 private:
  void Serve(int member);
  void Do(int member);

  std::mutex mutex_;
  std::condition_variable begin_, end_;
  const std::function<void(int)>* work_ = nullptr;
  int call_ = 0, busy_ = 0;
  bool closing_ = false;
  std::vector<std::exception_ptr> thrown_;  // per member
  std::vector<std::thread> others_;
};

}  // namespace nacre
