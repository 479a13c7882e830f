/**
 * Maps Node's own machine code, 40 MB, in large pages where the system has them to give, and says nothing where not: 1.06 to 1.11 × the
 * appends (docs/decisions/0010-cost-of-an-append.md). Reads and the rebuild gained nothing that could be told. The same flag stands in the Dockerfile.
 */
export const commandFlags: readonly string[] = ['--use-largepages=silent']

/**
 * How Node is to keep a process that reads the log within its 256 MiB, whatever the size of the ledger: by itself it lets garbage lie
 * until memory is short. Measured over 100,000 events, a first projection, eight downloads of the feed, reads and a rebuild peaked at
 * 385 MB without the second flag and at 248 MB with both; a thousand readers of the live feed while 20 MB are caught up with need the 112 instead of 128. The same flags stand in the Dockerfile.
 */
export const projectionFlags: readonly string[] = ['--max-semi-space-size=2', '--max-old-space-size=112']

/**
 * A rebuild that runs by itself has more room for what is garbage within moments. This is for its first thread; what its worker may take
 * stands in services/projection/src/rebuild/fill-beside.ts. Over 500,000 events the two peaked at 210 MiB, at 250 with 16 instead of the 8
 * and no faster. Each thread collects its own garbage: helpers would take the cores from folding, and from Postgres (1.07 and 1.13 ×, pairs of
 * alternating rounds). The same flags stand in the `rebuild` script of package.json.
 */
export const rebuildFlags: readonly string[] = [
  '--max-semi-space-size=8',
  '--max-old-space-size=128',
  '--no-parallel-scavenge',
]
