/* feed.c: see feed.h. */
#include "trial/feed.h"

#include "base/memory.h"

#include <limits.h>
#include <stdlib.h>

enum { DENSE_MAX = 8 };        /* inputs in local coding that cost less as real ones */
enum { LATER_START_MAX = 20 }; /* steps that a lane may wait to end together with others */

/* ---- the ring of frames ---- */

static void ring_allocate(struct feed *f, long steps)
{
	struct frames *r = &f->frames;
	free(r->value);
	free(r->index);
	*r = (struct frames){.coding = feed_shape(f).coding, .in = f->shape.in, .steps = steps};
	if (r->coding == INPUT_LOCAL)
		r->index = memory_zeroed((size_t)steps, sizeof *r->index);
	else
		r->value = memory_zeroed((size_t)(steps * r->in), sizeof *r->value);
}

/* Room for a sequence that starts now. */
static void ring_reserve(struct feed *f, long length)
{
	if (length <= f->frames.steps)
		return;
	ring_allocate(f, length + length / 2);
	f->at = 0;
}

/* The active lines of all lanes at step i of index. */
static inline ilane lines_at(const int *const index[LANES], long i)
{
	ilane line = {0};
	for (int l = 0; l < LANES; l++)
		line[l] = index[l][i];
	return line;
}

/* Active lines of n steps to the ring, from step `at` of it on: as they are, or dense. */
static void ring_write_lines(struct frames *r, const int *const index[LANES], long at, long n)
{
	ilane *to = r->index + at;
	for (long i = 0; i < n; i++)
		to[i] = lines_at(index, i);
}

static void ring_write_dense(struct frames *r, const int *const index[LANES], long at, long n)
{
	lane *to = r->value + at * r->in;
	for (long i = 0; i < n; i++) {
		const ilane line = lines_at(index, i);
		for (int m = 0; m < r->in; m++)
			*to++ = lane_masked(line == (int64_t)m, lane_set(1.0));
	}
}

/* Steps done ... end - 1 from now of every lane to the ring; lanes that have fewer left are idle or wait, and get those of lane
   `longest`. */
static void ring_fill_part(struct feed *f, long done, long end, const long left[LANES], int longest)
{
	const long from = f->at + done, at = from < f->frames.steps ? from : from - f->frames.steps, in = f->shape.in;
	const long n = end - done < f->frames.steps - at ? end - done : f->frames.steps - at;
	const int *index[LANES];
	const double *value[LANES];
	for (int l = 0; l < LANES; l++) {
		const struct place *p = &f->place[left[l] < end ? longest : l];
		index[l] = p->sequence.index + p->t + done;
		value[l] = f->shape.coding == INPUT_REAL ? p->sequence.value + (p->t + done) * in : NULL;
	}
	if (f->shape.coding == INPUT_REAL)
		lane_interleave(value, n * in, f->frames.value + at * in);
	else
		(f->dense ? ring_write_dense : ring_write_lines)(&f->frames, index, at, n);
	f->filled = done + n;
}

static long steps_left(const struct place *p)
{
	return !p->runs || p->t < 0 ? 0 : p->sequence.length - p->t;
}

void feed_fill(struct feed *f, long n, bool all)
{
	if (n <= f->filled)
		return;
	long left[LANES];
	int longest = 0;
	for (int l = 0; l < LANES; l++) {
		left[l] = steps_left(&f->place[l]);
		longest = left[l] > left[longest] ? l : longest;
	}
	const long wanted = all ? left[longest] : n;
	while (f->filled < wanted) {
		long end = left[longest];
		for (int l = 0; l < LANES; l++)
			end = left[l] > f->filled && left[l] < end ? left[l] : end;
		ring_fill_part(f, f->filled, end, left, longest);
	}
}

/* ---- sequences ---- */

void feed_start(struct feed *f, int l, uint64_t data_seed)
{
	if (f->task->data_draw)
		f->task->data_draw(f->o, data_seed, f->place[l].data);
}

static void draw(struct feed *f, struct place *p, struct rng *r, long number)
{
	f->task->draw(f->o, p->data, r, number, &p->sequence);
	p->t = 0;
	p->runs = true;
	f->filled = 0;
	ring_reserve(f, p->sequence.length);
}

void feed_sequence(struct feed *f, int l, struct rng *r, long number)
{
	f->place[l].before = 0;
	draw(f, &f->place[l], r, number);
}

void feed_part(struct feed *f, int l, struct rng *r, long number)
{
	f->place[l].before += f->place[l].t;
	draw(f, &f->place[l], r, number);
}

void feed_end_together(struct feed *f)
{
	long shortest = LONG_MAX, longest = 0;
	for (int l = 0; l < LANES; l++) {
		const struct place *p = &f->place[l];
		if (!p->runs)
			continue;
		if (p->t)
			return;
		longest = p->sequence.length > longest ? p->sequence.length : longest;
		shortest = p->sequence.length < shortest ? p->sequence.length : shortest;
	}
	if (longest - shortest > LATER_START_MAX || longest - shortest > longest / 8)
		return;
	for (int l = 0; l < LANES; l++)
		if (f->place[l].runs)
			f->place[l].t = f->place[l].sequence.length - longest;
}

long feed_steps_to_event(const struct feed *f)
{
	long n = LONG_MAX;
	for (int l = 0; l < LANES; l++) {
		const struct place *p = &f->place[l];
		if (!p->runs)
			continue;
		const long left = p->t < 0 ? -p->t : f->shape.every_step ? 1 : p->sequence.length - p->t;
		n = left < n ? left : n;
	}
	return n < LONG_MAX ? n : 0;
}

/* ---- the feed ---- */

struct task_shape feed_shape(const struct feed *f)
{
	struct task_shape shape = f->shape;
	if (f->dense)
		shape.coding = INPUT_REAL;
	return shape;
}

void feed_prepare(struct feed *f, const struct task_options *o, bool takes_dense)
{
	f->o = o;
	f->task = task_types[o->task];
	f->shape = f->task->shape(o);
	f->dense = takes_dense && f->shape.coding == INPUT_LOCAL && f->shape.in <= DENSE_MAX;
	ring_allocate(f, f->shape.length + f->shape.length / 2 + 64);
	for (int l = 0; l < LANES; l++)
		f->place[l].data = f->task->data_size ? memory_zeroed(1, f->task->data_size(o)) : NULL;
}

void feed_release(struct feed *f)
{
	for (int l = 0; l < LANES; l++) {
		sequence_free(&f->place[l].sequence);
		free(f->place[l].data);
	}
	free(f->frames.value);
	free(f->frames.index);
}
