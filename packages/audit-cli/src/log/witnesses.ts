import { hash } from 'node:crypto'
import { type NoteVerifier, openCosignatures, parseWitnessKey } from '@commitments/transparency'
import { ask, type ServiceOptions, serviceAt } from '../source/service.ts'
import { CannotCheck } from '../verdict.ts'
import { givenLines } from './keys.ts'

/** A third party that cosigns checkpoints, but only those that continue what it cosigned before. */
export interface Witness {
  readonly verifier: NoteVerifier
  /**
   * The address at which it publishes its last cosigned checkpoint (C2SP tlog-witness, Monitor Retrieval Mechanism); null: it is not asked.
   */
  readonly url: string | null
}

/** Each text is a verifier key, possibly followed by a space and an address, or a file of such lines. @throws CannotCheck */
export async function givenWitnesses(given: readonly string[]): Promise<Witness[]> {
  const lines = await givenLines(given, (text) => parseWitnessKey(text.split(/\s/)[0] ?? '') !== null)
  return lines.map((line) => {
    const [vkey = '', url = null] = line.split(/\s+/)
    const verifier = parseWitnessKey(vkey)
    if (verifier === null)
      throw new CannotCheck(`${JSON.stringify(vkey.slice(0, 120))} is no verifier key of a witness`)
    return { verifier, url }
  })
}

/**
 * The checkpoint of that log that a witness cosigned last; null if it never did. @throws CannotCheck if it cannot be read, or was not
 * signed by the witness
 */
export async function lastCosigned(witness: Witness, origin: string, options: ServiceOptions): Promise<string | null> {
  if (witness.url === null) return null
  const { fetch, pauses, onWait } = options
  // The API key of the log is not sent to a witness.
  const service = serviceAt(witness.url, { ...(fetch ? { fetch } : {}), ...(pauses ? { pauses } : {}), onWait })
  const answer = await ask(service, `/${hash('sha256', origin)}/checkpoint`)
  if (answer === null) return null
  const note = answer.body.toString('utf8')
  const opened = openCosignatures(note, [witness.verifier])
  if (opened.outcome === 'opened' && opened.cosignatures.length > 0) return note
  throw new CannotCheck(`what the witness ${witness.verifier.name} tells does not bear its own cosignature`)
}
