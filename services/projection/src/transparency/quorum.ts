/** Whether enough witnesses follow the log, by a policy (C2SP tlog-policy). Too few are an alarm; signing goes on. */
import { type Policy, type PolicyWitness, quorumText, reachesQuorum } from '@commitments/transparency'
import type { Watched } from './cosign.ts'

/** What is known of the quorum. */
export interface Quorum {
  /** Events of the last checkpoint that enough witnesses have cosigned, or one that continues it. */
  readonly size: number
  /** When that last grew, or was all that is signed, on the clock of `performance`. */
  readonly heldAt: number
  /** Why this is an alarm, in whole sentences; null if it is none. */
  readonly missing: string | null
}

/** Milliseconds that witnesses may take: an alarm at each hiccup would be looked at by nobody. */
export const quorumPatience = 60_000

export interface Following {
  readonly policy: Policy
  readonly watched: readonly Pick<Watched, 'witness' | 'cosigned' | 'cosignedAt'>[]
  /** Milliseconds after which a cosignature counts no longer. */
  readonly freshFor: number
  readonly patience: number
}

export function judgeQuorum(following: Following, before: Quorum | null, signed: number, now: number): Quorum {
  const sizes = sizesOf(following, now)
  const size = Math.min(signed, quorumSize(following.policy, sizes))
  const isHeld = before === null || size === signed || size > before.size
  const heldAt = isHeld ? now : before.heldAt
  const missing = now - heldAt < following.patience ? null : sentence(following, sizes, size, signed)
  return { size, heldAt, missing }
}

type Sizes = ReadonlyMap<PolicyWitness, number>

/** How far each witness of the policy follows; 0 if its last cosignature is too old. */
function sizesOf({ policy, watched, freshFor }: Following, now: number): Sizes {
  const sizes = new Map<PolicyWitness, number>()
  for (const witness of policy.witnesses) {
    const one = watched.find(({ witness: { verifier } }) => isSameKey(verifier, witness.verifier))
    sizes.set(witness, one === undefined || now - one.cosignedAt > freshFor ? 0 : one.cosigned)
  }
  return sizes
}

export function isSameKey(
  one: { readonly name: string; readonly keyId: number },
  other: { readonly name: string; readonly keyId: number } | null,
): boolean {
  return other !== null && one.name === other.name && one.keyId === other.keyId
}

/** Who has cosigned a checkpoint vouches for every smaller one. */
function quorumSize(policy: Policy, sizes: Sizes): number {
  if (policy.quorum === null) return Infinity
  const candidates = [...new Set(sizes.values())].toSorted((a, b) => b - a)
  return candidates.find((size) => size > 0 && reachesQuorum(policy, new Set(followers(sizes, size)))) ?? 0
}

function followers(sizes: Sizes, size: number): PolicyWitness[] {
  return [...sizes].flatMap(([witness, cosigned]) => (cosigned >= size ? [witness] : []))
}

function sentence({ policy }: Following, sizes: Sizes, size: number, signed: number): string {
  const behind = [...sizes].filter(([, cosigned]) => cosigned < signed).map(([{ title }]) => title)
  return (
    `Too few witnesses have cosigned: the policy requires ${quorumText(policy)}. They have cosigned ${size} of ${signed} signed events. ` +
    `These witnesses do not follow: ${behind.join(', ')}. Signing goes on; the log of this instance says what they answer.`
  )
}
