/* weights_hash.h: what tells two trained networks apart in 64 bits.
   Does: hash the final weights of one trial: equal bits, equal hash, on every build.
   Does not: look at states or at how the weights are laid out in memory. */
#ifndef TRIAL_WEIGHTS_HASH_H
#define TRIAL_WEIGHTS_HASH_H

#include "trial/result.h"

/* FNV-1a of the weights' bytes, lowest first; -0 counts as 0, any not-a-number as one. Of a second network too where it has a share in
   the weight count. Of a learner that is not a network: of the learning curve. To be called when the trial has ended. */
uint64_t weights_hash(const struct result *r);

#endif
