/**
 * How Node keeps a service within the 512 MiB that each may take (`mem_limit` in docker-compose.yml): by itself it lets garbage lie until memory is
 * short. Beside these two heaps lie machine code, buffers of answers that are not taken yet (48 MiB, packages/http-kit/src/limits/gate.ts) and what the
 * system's allocator keeps. With 2 MB for what is young, a third of the busy time of the projection service went into collecting it. The same
 * flags stand in the Dockerfile.
 */
const memoryFlags = ['--max-semi-space-size=16', '--max-old-space-size=256'] as const

/**
 * Maps Node's own machine code, 40 MB, in large pages where the system has them to give, and says nothing where not: 1.06 to 1.11 × the
 * appends (docs/decisions/0010-cost-of-an-append.md). Reads and the rebuild gained nothing that could be told.
 */
export const commandFlags: readonly string[] = ['--use-largepages=silent', ...memoryFlags]

export const projectionFlags: readonly string[] = memoryFlags

/**
 * A rebuild that runs by itself has more room for what is garbage within moments. This is for its first thread; what its worker may take
 * stands in services/projection/src/projections/rebuild/parallel-fill.ts. Over 500,000 events the two peaked at 210 MiB, at 250 with 16 instead of the 8
 * and no faster. Each thread collects its own garbage: helpers would take the cores from folding, and from Postgres (1.07 and 1.13 ×, pairs of
 * alternating rounds). The same flags stand in the `rebuild` script of package.json.
 */
export const rebuildFlags: readonly string[] = [
  '--max-semi-space-size=8',
  '--max-old-space-size=128',
  '--no-parallel-scavenge',
]
