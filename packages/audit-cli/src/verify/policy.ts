/** A policy (C2SP tlog-policy): whose logs are accepted, and which of their witnesses must have cosigned. */
import { readFile } from 'node:fs/promises'
import {
  openCheckpoint,
  openCosignatures,
  type Policy,
  type PolicyWitness,
  parsePolicy,
  quorumText,
  reachesQuorum,
} from '@commitments/transparency'
import { CannotCheck, type Check, type Finding, held, leftOut, notChecked } from '../verdict.ts'
import { type Anchor, type CosignedWithin, doubtOf, sentenceCase } from './anchors.ts'

/** The policy in a file. @throws CannotCheck if there is no such file, or it is no policy */
export async function givenPolicy(path: string | undefined): Promise<Policy | null> {
  if (path === undefined) return null
  const file = await readFile(path).catch(() => {
    throw new CannotCheck(`there is no file ${path}`)
  })
  const parsed = parsePolicy(file)
  if (parsed.outcome === 'policy') return parsed.policy
  throw new CannotCheck(`${path} is no policy (C2SP tlog-policy). ${parsed.detail.replace(/\.$/, '')}`)
}

/** The keys of the logs in it: whoever gives a policy gives these keys. */
export function keysOfPolicy(policy: Policy | null): string[] {
  return (policy?.logs ?? []).flatMap(({ vkey, verifier }) => (verifier === null ? [] : [vkey]))
}

/** What the policy says of a checkpoint; nothing without a policy. */
export function checkPolicy(policy: Policy | null, anchor: Anchor | null, within: CosignedWithin): Check[] {
  return policy === null ? [] : [{ name: 'policy', finding: findingOf(policy, anchor, within) }]
}

function findingOf(policy: Policy, anchor: Anchor | null, within: CosignedWithin): Finding {
  if (anchor === null) return leftOut('There is no checkpoint that the policy could be held against.')
  if (policy.logs.length > 0 && !isListed(policy, anchor))
    return notChecked(`${anchor.what} is not signed by a log of the policy: it is of ${anchor.origin}`)
  const known = policy.witnesses.flatMap(({ verifier }) => verifier ?? [])
  const opened = openCosignatures(anchor.note, known)
  if (opened.outcome === 'malformed') throw new CannotCheck(opened.detail)
  if (opened.outcome === 'bad-signature') {
    const because = `${anchor.what} has a cosignature in the name of ${opened.name} that is not by its key`
    return { outcome: 'broken', because }
  }
  const doubts: string[] = []
  const cosigned = new Set<PolicyWitness>()
  for (const cosignature of opened.cosignatures) {
    const doubt = doubtOf(cosignature, opened.again, within)
    const { name, keyId } = cosignature
    const witness = policy.witnesses.find(({ verifier }) => verifier?.name === name && verifier.keyId === keyId)
    if (doubt !== null) doubts.push(doubt)
    else if (witness) cosigned.add(witness)
  }
  const names = [...cosigned].map(({ title }) => title).join(', ')
  const required = quorumText(policy)
  // A cosignature that does not count is no fault while the others are enough.
  const aside = doubts.length === 0 ? '' : ` (${doubts.join(', and ')})`
  if (reachesQuorum(policy, cosigned)) {
    const by = names === '' ? 'needs no cosignature' : `is cosigned by ${names}`
    return held(`${sentenceCase(anchor.what)} ${by}; the policy requires ${required}${aside}.`)
  }
  return notChecked(
    `${anchor.what} is not cosigned as the policy requires, which is by ${required}: it is cosigned by ${names || 'none of them'}${aside}`,
  )
}

/** "The log's vkey includes a key name. This name MUST correspond to the log's origin line." */
function isListed({ logs }: Policy, { origin, note }: Anchor): boolean {
  const verifiers = logs.flatMap(({ keyName, verifier }) => (keyName === origin && verifier ? [verifier] : []))
  return openCheckpoint(note, { origin, verifiers }).outcome === 'verified'
}
