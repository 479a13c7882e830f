/** The transparency log of an instance, as the app assembles it. */

import type { Follower } from '@commitments/event-store'
import type { Check } from '@commitments/http-kit'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { type View } from '../projections/view.ts'
import { watch } from './cosign.ts'
import type { Refusal } from './refusals.ts'
import type { Signing } from './signing.ts'
import { collectReadiness, collectSizes, transparencyCheck, transparencyMetrics } from './signing-health.ts'
import { createTreeKeeper, keepTree } from './tree-keeper.ts'

interface TransparencyOptions {
  readonly pool: Pool
  /** For health and metrics. */
  readonly checkPool: Pool
  readonly follower: Pick<Follower, 'listener' | 'wake'>
  readonly view: View
  readonly registry: Registry
  readonly logger: Logger
  readonly signing: Signing
  readonly takeOverAfter: number
  readonly longestRest?: number | undefined
  /** What is known against the log, whoever has found it. */
  readonly halted: () => string | null
}

/** Milliseconds: a quarter of a day. */
const usualRenewal = 21_600_000

export interface Transparency {
  readonly checks: readonly Check[]
  /** Why nothing is signed; null if signing works, or if another instance does it. */
  refused(): Refusal | null
  /** Why too few witnesses have cosigned; null where they are enough, nothing is required, or another instance signs. */
  quorumMissing(): string | null
  begin(): void
  /** Ends the keeper after its current turn. */
  close(): Promise<void>
}

/** Creates keeper, check and metrics; nothing is read or written before `begin`. */
export function createTransparency(options: TransparencyOptions): Transparency {
  const { pool, checkPool, follower, view, registry, logger, signing, takeOverAfter, longestRest, halted } = options
  const stop = new AbortController()
  const metrics = transparencyMetrics(registry)
  const onWitnessFailure = (witness: string) => metrics.witnessFailures.inc({ witness })
  const cosigning = {
    pool,
    logger,
    stopping: stop.signal,
    watched: watch(signing.witnesses),
    keys: signing.keys,
    renewAfter: signing.renewAfter ?? usualRenewal,
    onFailure: onWitnessFailure,
  }
  const onSigned = () => {
    metrics.signed.inc()
    // What is signed may be sent.
    follower.wake()
  }
  const listener = follower.listener()
  const onFailure = () => metrics.failures.inc()
  const keeper = createTreeKeeper(
    { pool, view, listener, signing, cosigning, logger, takeOverAfter, longestRest, onSigned, onFailure },
    stop.signal,
  )
  collectSizes(registry, checkPool, keeper)
  const check = transparencyCheck(checkPool, keeper, halted)
  collectReadiness(registry, check)
  let running: Promise<void> = Promise.resolve()
  return {
    checks: [check],
    refused: () => keeper.refused,
    quorumMissing: () => keeper.quorum?.missing ?? null,
    begin: () => {
      running = keepTree(keeper)
    },
    close: async () => {
      stop.abort()
      await running
      for (const { running: asked } of cosigning.watched) await asked
    },
  }
}
