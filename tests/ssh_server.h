// A real sshd of a test's own, and a network namespace that makes it a second host as far as the
// network goes.
#pragma once

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/subprocess.h"

namespace nacre {

inline ProcessResult Run(std::vector<std::string> arguments) {
  auto result = RunProcess({.arguments = std::move(arguments), .timeout = Seconds(20)});
  return result ? *result : ProcessResult{.exit_code = -1, .errors = result.error().message};
}

// Joined to this host by a pair of virtual interfaces; addresses are those kept for benchmarks (RFC
// 2544).
class NetworkNamespace {
 public:
  static constexpr const char* kAddress = "198.18.77.2";

  NetworkNamespace() : name_("nacre" + std::to_string(getpid() % 100000)) {
    for (const std::vector<std::string>& step : std::vector<std::vector<std::string>>{
             {"ip", "netns", "add", name_},
             {"ip", "link", "add", name_ + "a", "type", "veth", "peer", "name", name_ + "b",
              "netns", name_},
             {"ip", "address", "add", "198.18.77.1/30", "dev", name_ + "a"},
             {"ip", "link", "set", name_ + "a", "up"},
             {"ip", "-n", name_, "address", "add", std::string(kAddress) + "/30", "dev",
              name_ + "b"},
             {"ip", "-n", name_, "link", "set", name_ + "b", "up"}}) {
      const ProcessResult result = Run(step);
      if (result.ok()) continue;
      why_not_ = "no network namespace can be made here: " + result.errors;
      return;
    }
  }
  ~NetworkNamespace() { Run({"ip", "netns", "delete", name_}); }
  NetworkNamespace(const NetworkNamespace&) = delete;
  NetworkNamespace& operator=(const NetworkNamespace&) = delete;

  const std::string& why_not() const { return why_not_; }  // empty: it is there
  std::vector<std::string> Within() const { return {"ip", "netns", "exec", name_}; }
  bool Link(bool up) const {
    return Run({"ip", "link", "set", name_ + "a", up ? "up" : "down"}).ok();
  }

 private:
  std::string name_, why_not_;
};

// Lets in who holds the key that it makes in `folder`.
class SshServer {
 public:
  SshServer(const std::filesystem::path& folder, const std::string& address,
            std::vector<std::string> within = {})
      : folder_(folder), address_(address) {
    namespace fs = std::filesystem;
    if (access("/usr/sbin/sshd", X_OK) != 0) {
      why_not_ = "no /usr/sbin/sshd: install openssh-server to run this test";
      return;
    }
    fs::create_directories(folder_);
    if (!Run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Path("key")}).ok())
      why_not_ = "ssh-keygen fails";
    fs::copy_file(Path("key.pub"), Path("authorized"));
    fs::permissions(Path("authorized"), fs::perms::owner_read | fs::perms::owner_write);
    std::ofstream(Path("config")) << "Port " << kPort << "\nListenAddress " << address
                                  << "\nHostKey " << Path("key") << "\nAuthorizedKeysFile "
                                  << Path("authorized") << "\nStrictModes no\nUsePAM no\nPidFile "
                                  << Path("pid") << "\nPermitRootLogin yes\n";
    if (geteuid() == 0) fs::create_directories("/run/sshd");
    std::vector<std::string> words = std::move(within);
    words.insert(words.end(), {"/usr/sbin/sshd", "-D", "-f", Path("config"), "-E", Path("log")});
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    // RunProcess would wait for it.
    if (posix_spawnp(&server_, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0)
      why_not_ = "sshd does not start";
    for (int i = 0; i < 200 && why_not_.empty() && !fs::exists(Path("pid")); ++i) Pause();
  }
  ~SshServer() {
    if (server_ <= 0) return;
    kill(server_, SIGTERM);
    waitpid(server_, nullptr, 0);
  }
  SshServer(const SshServer&) = delete;
  SshServer& operator=(const SshServer&) = delete;

  const std::string& why_not() const { return why_not_; }  // empty: it runs
  std::string Target() const {
    return "ssh://" + address_ + ":" + std::to_string(kPort) + "/cpu:fp32";
  }
  std::string Client() const {  // as NACRE_SSH; a dead link is found out soon
    return "ssh -F none -i " + Path("key") +
           " -oStrictHostKeyChecking=no -oUserKnownHostsFile=/dev/null -oLogLevel=ERROR"
           " -oServerAliveInterval=1 -oServerAliveCountMax=2";
  }
  int Logins() const {
    std::ifstream log(Path("log"));
    int count = 0;
    for (std::string line; std::getline(log, line);)
      count += line.find("Accepted publickey") != std::string::npos;
    return count;
  }
  bool WaitForLogins(int count) const {
    for (int i = 0; i < 600 && Logins() < count; ++i) Pause();
    return Logins() >= count;
  }

 private:
  static constexpr int kPort = 22922;
  static void Pause() { std::this_thread::sleep_for(std::chrono::milliseconds(50)); }
  std::string Path(const std::string& name) const { return (folder_ / name).string(); }

  std::filesystem::path folder_;
  std::string address_, why_not_;
  pid_t server_ = 0;
};

}  // namespace nacre
