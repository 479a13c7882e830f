/**
 * Limits of a service's heap, so that it stays within its 512 MiB (`mem_limit` in docker-compose.yml): by default, Node collects garbage
 * only when memory gets short. In addition to these two heaps there are machine code, buffers of answers that were not taken yet (48 MiB,
 * packages/http-kit/src/limits/gate.ts) and what the system's allocator keeps. With 2 MB for the young generation, collecting it took a
 * third of the projection service's busy time. The Dockerfile has the same flags.
 *
 * V8 collects the whole heap when it has grown by a factor that it derives from the limit: 1.3 for 256 MB. So a service that holds 50 MB collected them
 * each time 15 MB were added. It may grow by 300 % instead, though never past the middle between what is held and the limit: a quarter less
 * processor time for each append (bench/history.md).
 */
const limits = ['--max-semi-space-size=16', '--max-old-space-size=256', '--heap-growing-percent=300'] as const

/**
 * V8 makes objects in the old generation at once if those from the same place in the code mostly lived long. Under load it decides so for a part of a
 * request, and what that part leads to stays until a full collection: one process in eight spent as much on garbage as on all else
 * (bench/history.md, "Reads").
 */
const memoryFlags = [...limits, '--no-allocation-site-pretenuring'] as const

/**
 * Maps Node's own machine code, 40 MB, in large pages if the system has them, and otherwise does nothing: 1.06 to 1.11 × the appends
 * (docs/decisions/0010-cost-of-an-append.md). Reads and the rebuild gained nothing measurable.
 */
export const commandFlags: readonly string[] = ['--use-largepages=silent', ...memoryFlags]

export const projectionFlags: readonly string[] = memoryFlags

/**
 * A rebuild in its own process has more room for short-lived garbage. This is for its first thread; the limits of its worker are in
 * services/projection/src/projections/rebuild/parallel-fill.ts. Over 500,000 events, the two peaked at 210 MiB; with 16 instead of 8 it was
 * 250 MiB, and no faster. Each thread collects its own garbage: helper threads would take the cores from folding, and from Postgres (1.07
 * and 1.13 ×, pairs of alternating rounds). The `rebuild` script of package.json has the same flags.
 */
export const rebuildFlags: readonly string[] = [
  '--max-semi-space-size=8',
  '--max-old-space-size=128',
  '--no-parallel-scavenge',
]
