/* claim.c: which trials are missing, and who computes them.
   Does: say whether a trial is missing for a budget; take trials for this process, keep its claims alive, give them back.
   Does not: write a finished trial, which ends its claim (trial.c). */
#include "store/names.h"

#include <time.h>

/* By the id of its set. */
static bool set_is_missing(struct store *s, int64_t set, uint64_t seed, long budget, bool *missing, struct error *e)
{
	int64_t enough;
	if (!sql_get(s, e, &enough, "SELECT count(*) FROM trial WHERE" THIS_TRIAL " AND NOT (outcome = 'unsolved' AND budget < ?)", "iiii",
		     set, (int64_t)seed, (int64_t)NUMERICS, (int64_t)budget))
		return false;
	*missing = !enough;
	return true;
}

bool store_is_missing(struct store *store, const struct store_conditions *c, uint64_t seed, long budget, bool *missing, struct error *e)
{
	int64_t set;
	return set_known(store, c->set, &set, e) && set_is_missing(store, set, seed, budget, missing, e);
}

static int64_t seconds_now(void)
{
	return (int64_t)time(NULL);
}

/* A heartbeat from the future is void, too: some clock has been set. */
static bool claim(struct store *s, const struct store_conditions *c, uint64_t seed, long budget, bool *claimed, struct error *e)
{
	bool missing;
	int64_t set;
	if (!set_find(s, c->set, &set, e) || !set_is_missing(s, set, seed, budget, &missing, e))
		return false;
	if (!missing)
		return true;
	if (!sql_run(s, e,
		     "INSERT INTO claim(set_id, seed, numerics, owner, heartbeat) VALUES (?, ?, ?, ?, ?)"
		     " ON CONFLICT (set_id, seed, numerics) DO UPDATE"
		     " SET owner = excluded.owner, heartbeat = excluded.heartbeat"
		     " WHERE claim.owner = excluded.owner OR abs(excluded.heartbeat - claim.heartbeat) > ?",
		     "iiitii", set, (int64_t)seed, (int64_t)NUMERICS, s->owner, seconds_now(), (int64_t)STORE_CLAIM_SECONDS))
		return false;
	*claimed = sqlite3_changes(s->db) > 0;
	return true;
}

bool store_claim(struct store *store, const struct store_conditions *c, uint64_t seed, long budget, bool *claimed, struct error *e)
{
	*claimed = false;
	if (sql_begin(store, e) && sql_finish(store, claim(store, c, seed, budget, claimed, e), e))
		return true;
	return *claimed = false;
}

bool store_heartbeat(struct store *store, struct error *e)
{
	return sql_begin(store, e) &&
	       sql_finish(store, sql_run(store, e, "UPDATE claim SET heartbeat = ? WHERE owner = ?", "it", seconds_now(), store->owner), e);
}

/* Void claims of others go with them. */
bool store_release(struct store *store, struct error *e)
{
	return sql_begin(store, e) && sql_finish(store,
						 sql_run(store, e, "DELETE FROM claim WHERE owner = ? OR abs(? - heartbeat) > ?", "tii",
							 store->owner, seconds_now(), (int64_t)STORE_CLAIM_SECONDS),
						 e);
}
