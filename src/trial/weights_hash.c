/* weights_hash.c: see weights_hash.h. */
#include "trial/weights_hash.h"

#include "base/hash.h"
#include "learner/learner.h"

#include <string.h>

static uint64_t hash_number(uint64_t hash, double x)
{
	uint64_t bits = 0;
	if (x != 0.0)
		memcpy(&bits, &x, sizeof bits);
	if (x != x)
		bits = UINT64_C(0x7ff8000000000000);
	for (int k = 0; k < 64; k += 8)
		hash = hash_byte(hash, (unsigned char)(bits >> k & 255));
	return hash;
}

static uint64_t hash_net(uint64_t hash, const struct net *net, int l)
{
	for (int side = 0; side < 2; side++)
		for (int i = 0; i < (side ? net->to_output_n : net->to_hidden_n); i++) {
			const struct connection *c = side ? &net->to_output[i] : &net->to_hidden[i];
			for (int m = 0; m < c->rows; m++)
				for (int j = 0; j < c->cols; j++)
					hash = hash_number(hash, *net_weight(net, c, m, j, l));
		}
	return hash;
}

uint64_t weights_hash(const struct result *r)
{
	const struct learner *learner = r->learner;
	uint64_t hash = HASH_START;
	for (int i = 0; !learner->net && i < r->points; i++)
		hash = hash_number(hash, r->curve[i].error);
	if (learner->net)
		hash = hash_net(hash, learner->net, r->lane);
	if (learner->other && learner->weights > learner->net->weights)
		hash = hash_net(hash, learner->other, r->lane);
	return hash;
}
