/** The file with the policy of witnesses (C2SP tlog-policy). */
import type { KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  type Policy,
  type PolicyKey,
  parsePolicy,
  publicBytes,
  quorumText,
  reachesQuorum,
  vkeyParts,
} from '@commitments/transparency'
import { isSameKey } from './quorum.ts'
import type { Witness } from './signing.ts'

interface PolicyVariables {
  readonly WITNESS_POLICY_FILE?: string | undefined
  readonly WITNESSES: readonly Witness[]
}

/**
 * The policy, and all witnesses that are asked: those of WITNESSES, and those of the policy with an address. A policy that this log cannot meet is
 * a mistake: it is for another log, or its quorum needs witnesses whom nobody asks.
 */
export function readPolicy(
  { WITNESS_POLICY_FILE: file, WITNESSES }: PolicyVariables,
  keys: readonly KeyObject[],
  mistakes: string[],
): { policy: Policy | null; witnesses: readonly Witness[] } {
  const nothing = { policy: null, witnesses: WITNESSES }
  if (file === undefined) return nothing
  const say = (fault: string) => mistakes.push(`WITNESS_POLICY_FILE: ${file}${fault}`)
  const bytes = readBytes(file, say)
  if (bytes === null) return nothing
  const parsed = parsePolicy(bytes)
  if (parsed.outcome === 'malformed') {
    say(` is no policy (C2SP tlog-policy). ${parsed.detail}`)
    return nothing
  }
  const { policy } = parsed
  const witnesses = [...WITNESSES, ...policy.witnesses.flatMap((witness) => addressed(witness, WITNESSES))]
  if (policy.logs.length > 0 && keys.length > 0 && !policy.logs.some((log) => isOurs(log, keys)))
    say(' lists logs, and none of them has the key of this log')
  const asked = policy.witnesses.filter((one) => witnesses.some(({ verifier }) => isSameKey(verifier, one.verifier)))
  if (!reachesQuorum(policy, new Set(asked)))
    say(
      ` requires ${quorumText(policy)}, and of these only ${asked.map(({ title }) => title).join(', ') || 'none'} can be asked and verified. Give the others an http address, in the policy or in WITNESSES; keys of ML-DSA-44 do not count`,
    )
  return { policy, witnesses }
}

function readBytes(file: string, say: (fault: string) => void): Buffer | null {
  try {
    return readFileSync(file)
  } catch (error) {
    say(` cannot be used (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown fault'})`)
    return null
  }
}

/** "If a URL is provided, it is recommended that it is the witness' submission prefix URL." */
function addressed({ verifier, url }: PolicyKey, known: readonly Witness[]): Witness[] {
  if (verifier === null || url === null || !/^https?:/.test(url) || !URL.canParse(url)) return []
  if (known.some((one) => isSameKey(one.verifier, verifier))) return []
  return [{ verifier, url: url.replace(/\/+$/, '') }]
}

function isOurs({ vkey }: PolicyKey, keys: readonly KeyObject[]): boolean {
  const material = vkeyParts(vkey)?.publicKey
  return material !== undefined && keys.some((key) => publicBytes(key).equals(material))
}
