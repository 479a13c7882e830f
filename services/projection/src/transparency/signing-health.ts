/** What `/health/ready` and the metrics say about the transparency log. */
import { isStuck, type Movement, unseen } from '@commitments/event-store'
import type { Check, CheckResult } from '@commitments/http-kit'
import type { Pool } from 'pg'
import { Counter, Gauge, type Registry } from 'prom-client'
import { objectionsOf } from './cosign.ts'
import type { TreeKeeper } from './tree-keeper.ts'
import { readTreeState, type TreeState } from './tree-state.ts'

/** @param halted what is known against the log, whoever has found it: an instance that stands by has not looked itself */
export function transparencyCheck(pool: Pool, keeper: TreeKeeper, halted: () => string | null): Check {
  const movement = unseen()
  return {
    name: 'transparency-log',
    isAlarm: true,
    for: 'signing',
    check: async () => {
      const own = judgeSigning(keeper, movement, await readTreeState(pool), performance.now())
      const detail = halted()
      return own.ok && detail !== null ? { ok: false, detail } : own
    },
  }
}

/**
 * An alarm if the signer refuses, or would refuse where it had to take over, if a witness objects or too few have cosigned, or if neither tree nor signature moves
 * although there is something to do: reads continue
 * (docs/decisions/0019-ready-or-alarm.md). A tree that is being rebuilt is smaller than what was signed.
 */
export function judgeSigning(
  {
    refused,
    unfit,
    epoch,
    quorum,
    cosigning,
  }: Pick<TreeKeeper, 'refused' | 'epoch'> & Partial<Pick<TreeKeeper, 'quorum' | 'unfit' | 'cosigning'>>,
  movement: Movement,
  { head, tree, signed }: Pick<TreeState, 'head' | 'tree' | 'signed'>,
  now: number,
): CheckResult {
  if (refused !== null) return { ok: false, detail: refused.detail }
  if (unfit) return { ok: false, detail: unfit.detail }
  const objections = epoch !== null && cosigning ? objectionsOf(cosigning) : null
  if (objections !== null) return { ok: false, detail: objections }
  if (quorum?.missing) return { ok: false, detail: quorum.missing }
  const size = Math.min(tree.size, signed?.size ?? 0)
  const stuck = isStuck(movement, size, size === head, now)
  const who = epoch === null ? 'another instance signs' : 'this instance signs'
  if (size === head) return { ok: true, detail: `signed up to the head of the log, ${head}; ${who}` }
  const behind = `signed, with its tree, up to position ${size} of ${head}; ${who}`
  return stuck ? { ok: false, detail: `the transparency log does not move: ${behind}` } : { ok: true, detail: behind }
}

interface TransparencyMetrics {
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

/**
 * Sizes that are read when they are collected. Each metric collects for itself: one whose value is set by another one's `collect` would
 * show the previous value.
 */
export function collectSizes(registry: Registry, pool: Pool, keeper: TreeKeeper): void {
  const read = () => readTreeState(pool).catch(() => null)
  gauge(registry, 'log_tree_events', 'Events in the tree of the transparency log.', async (it) =>
    it.set((await read())?.tree.size ?? Number.NaN),
  )
  gauge(registry, 'log_signed_events', 'Events in the last signed checkpoint.', async (it) =>
    it.set((await read())?.signed?.size ?? Number.NaN),
  )
  gauge(
    registry,
    'log_cosigned_events',
    'Events in the last checkpoint that a witness cosigned for this instance.',
    (it) => {
      for (const { witness, cosigned } of keeper.cosigning.watched) it.set({ witness: witness.verifier.name }, cosigned)
    },
    ['witness'],
  )
  gauge(
    registry,
    'log_cosignature_age_seconds',
    'Age of the last cosignature of a witness, by its clock.',
    (it) => {
      for (const { witness, time } of keeper.cosigning.watched)
        if (time !== null) it.set({ witness: witness.verifier.name }, Date.now() / 1000 - time)
    },
    ['witness'],
  )
  if (keeper.signing.policy)
    gauge(
      registry,
      'log_quorum_events',
      'Events in the last checkpoint that enough witnesses have cosigned (WITNESS_POLICY_FILE); NaN where another instance signs.',
      (it) => it.set(keeper.quorum?.size ?? Number.NaN),
    )
  gauge(
    registry,
    'log_signing_refused',
    '1 if something prevents signing, by its code; /health/ready explains it.',
    (it) => {
      it.reset()
      if (keeper.refused !== null) it.set({ code: keeper.refused.code }, 1)
    },
    ['code'],
  )
}

/** What `/health/ready?for=signing` answers, as a metric that has a value while all is well. */
export function collectReadiness(registry: Registry, { check }: Check): void {
  const help =
    '1 if the log is being signed (/health/ready?for=signing), 0 if it is not or if that cannot be found out.'
  const holds = () =>
    check().then(
      ({ ok }) => Number(ok),
      () => 0,
    )
  gauge(registry, 'log_signing_ready', help, async (it) => it.set(await holds()))
}

function gauge<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  collect: (it: Gauge<Label>) => void | Promise<void>,
  labelNames: Label[] = [],
): void {
  const it: Gauge<Label> = new Gauge<Label>({
    name,
    help,
    labelNames,
    registers: [registry],
    collect: () => collect(it),
  })
}
