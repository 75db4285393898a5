#include "engine/workers.h"

#include "engine/jobs/accuracy_job.h"
#include "engine/jobs/distill_job.h"
#include "engine/jobs/int8_job.h"
#include "engine/jobs/label_job.h"
#include "engine/jobs/latency_job.h"
#include "engine/jobs/speed_job.h"
#include "engine/jobs/subnet_job.h"
#include "engine/jobs/supernet_job.h"
#include "engine/jobs/table_job.h"
#include "engine/jobs/teacher_job.h"
#include "engine/jobs/train_job.h"
#include "engine/jobs/trainable_job.h"

namespace nacre {

const WorkerTable& Workers() {
  static const WorkerTable workers = {
      {"label", RunLabel},       {"reproduce", RunReproduce}, {"trainable", RunTrainable},
      {"quantize", RunQuantize}, {"latency", RunLatency},     {"speed", RunSpeed},
      {"table", RunTable},       {"distill", RunDistill},     {"score", RunScore},
      {"teacher", RunTeacher},   {"measure", RunLatency},     {"recalibrate", RunRecalibrate},
      {"train", RunTrain},       {"int8-loss", RunInt8Loss},  {"int8", RunInt8},
      {"accept", RunAccept},     {"supernet", RunSupernet},   {"subnet", RunSubnet},
  };
  return workers;
}

}  // namespace nacre
