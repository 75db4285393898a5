#include "engine/stored_model.h"

#include "cost/objective.h"

namespace nacre {

Expected<StoredModel> StoreModel(Materials& materials, const Network& network,
                                 const Target& target) {
  StoredModel model;
  NACRE_TRY(model.cost, CostOf(network));
  NACRE_TRY(model.usage, UsageOf(network, target));
  NACRE_TRY(model.hash, materials.PutNetwork(network));
  return model;
}

}  // namespace nacre
