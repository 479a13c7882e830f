/** What `/health/ready` and the metrics say of the transparency log. */
import type { Check, CheckResult } from '@commitments/http-kit'
import type { Pool } from 'pg'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Keeper } from './keep.ts'
import { readLogStanding, type Standing } from './standing.ts'

/** Milliseconds in which a keeper that has something to sign must have signed. */
const stuckAfter = 10_000

/** Where signing was last seen, and since when there is something unsigned with no progress (null: there is nothing). */
interface Movement {
  size: number
  since: number | null
}

export function transparencyCheck(pool: Pool, keeper: Keeper): Check {
  const movement: Movement = { size: -1, since: null }
  return {
    name: 'transparency-log',
    check: async () => judgeSigning(keeper, movement, await readLogStanding(pool), performance.now()),
  }
}

/** Not ready where something stands against signing, or where it does not move although there is something to sign. */
export function judgeSigning(
  { refused, epoch }: Pick<Keeper, 'refused' | 'epoch'>,
  movement: Movement,
  { head, signed }: Standing,
  now: number,
): CheckResult {
  if (refused !== null) return { ok: false, detail: refused.detail }
  const size = signed?.size ?? 0
  if (size !== movement.size || head === size) Object.assign(movement, { size, since: null })
  const who = epoch === null ? 'another instance signs' : 'this instance signs'
  if (head === size) return { ok: true, detail: `signed up to the head of the log, ${head}; ${who}` }
  movement.since ??= now
  const behind = `signed up to position ${size} of ${head}; ${who}`
  if (now - movement.since < stuckAfter) return { ok: true, detail: behind }
  return { ok: false, detail: `the transparency log does not move: ${behind}` }
}

export interface TransparencyMetrics {
  readonly signed: Counter
  readonly failures: Counter
  readonly witnessFailures: Counter<'witness'>
}

export function transparencyMetrics(registry: Registry): TransparencyMetrics {
  const registers = [registry]
  return {
    signed: new Counter({
      name: 'log_checkpoints_signed_total',
      help: 'Checkpoints of the transparency log signed by this instance.',
      registers,
    }),
    failures: new Counter({
      name: 'log_keeper_failures_total',
      help: 'Turns of the keeper of the tree that failed and are tried again.',
      registers,
    }),
    witnessFailures: new Counter({
      name: 'log_witness_failures_total',
      help: 'Requests to a witness that brought no cosignature.',
      labelNames: ['witness'],
      registers,
    }),
  }
}

/** Those that are read when somebody collects them. */
export function collectSizes(registry: Registry, pool: Pool, keeper: Keeper): void {
  const registers = [registry]
  const signed = new Gauge({ name: 'log_signed_events', help: 'Events in the last signed checkpoint.', registers })
  const cosigned = new Gauge({
    name: 'log_cosigned_events',
    help: 'Events in the last checkpoint that the witness cosigned for this instance.',
    labelNames: ['witness'],
    registers,
  })
  const refused = new Gauge({
    name: 'log_signing_refused',
    help: '1 where something stands against signing, by its code; the sentence is in /health/ready.',
    labelNames: ['code'],
    registers,
  })
  const tree = new Gauge({
    name: 'log_tree_events',
    help: 'Events in the tree of the transparency log.',
    collect: async () => {
      const standing = await readLogStanding(pool).catch(() => null)
      tree.set(standing?.tree.size ?? Number.NaN)
      signed.set(standing?.signed?.size ?? Number.NaN)
      for (const one of keeper.cosigning.watched) cosigned.set({ witness: one.witness.verifier.name }, one.cosigned)
      refused.reset()
      if (keeper.refused !== null) refused.set({ code: keeper.refused.code }, 1)
    },
    registers,
  })
}
