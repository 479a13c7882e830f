/** Talking to one witness (C2SP tlog-witness). */

import { createHash, type KeyObject } from 'node:crypto'
import { type Queryable } from '@commitments/event-store'
import {
  formatAddCheckpoint,
  makeVerifier,
  openCosignatures,
  openNote,
  openWitnessAnswer,
  parseCheckpoint,
  parseKnownSize,
  parseNote,
  parseVerifierKey,
  signatureLine,
} from '@commitments/transparency'
import type { Claim } from './sign.ts'
import type { Witness } from './signing.ts'
import { proveConsistency } from './tile-store.ts'

export type Submitted =
  /** The signature lines of its cosignatures, verified, and when it made them (POSIX, seconds). */
  | { readonly outcome: 'cosigned'; readonly lines: readonly string[]; readonly time: number }
  /** It says, unsigned, that it has cosigned a longer log of this origin than we have signed. */
  | { readonly outcome: 'ahead'; readonly size: number }
  /** It says, unsigned, that the checkpoint contradicts what it cosigned before. */
  | { readonly outcome: 'forked' }
  /** Anything else: unreachable, does not know us, or answers against the specification. */
  | { readonly outcome: 'failed'; readonly detail: string }

/** A checkpoint to be cosigned. */
export interface Submission {
  readonly size: number
  readonly note: string
}

/** Answers are short; a witness would not send more. */
const answerBytes = 100_000

/**
 * Asks for a cosignature, from the size that the witness is thought to know; if it names another size (409), once more from that.
 *
 * @throws any error of the database
 */
export async function submit(
  client: Queryable,
  witness: Witness,
  submission: Submission,
  known: number,
  signal: AbortSignal,
): Promise<Submitted> {
  const first = await addCheckpoint(client, witness, submission, Math.min(known, submission.size), signal)
  if (first.outcome !== 'knows') return first
  if (first.size > submission.size) return { outcome: 'ahead', size: first.size }
  const second = await addCheckpoint(client, witness, submission, first.size, signal)
  return second.outcome === 'knows' ? { outcome: 'failed', detail: 'it changes its mind about the size' } : second
}

type Answered = Submitted | { readonly outcome: 'knows'; readonly size: number }

async function addCheckpoint(
  client: Queryable,
  witness: Witness,
  { size, note }: Submission,
  oldSize: number,
  signal: AbortSignal,
): Promise<Answered> {
  const proof = await proveConsistency(client, oldSize, size)
  const body = formatAddCheckpoint({ oldSize, proof, checkpoint: note })
  const answer = await ask(`${witness.url}/add-checkpoint`, { method: 'POST', body, signal })
  if (typeof answer === 'string') return { outcome: 'failed', detail: answer }
  if (answer.status === 200) return openAnswer(witness, answer.text, note)
  if (answer.status === 422) return { outcome: 'forked' }
  if (answer.status === 409) return conflict(answer.text, oldSize, size)
  return { outcome: 'failed', detail: `it answers ${answer.status}` }
}

/**
 * A 409 gives the size that the witness knows. If that is the one that we named, sizes are not what it contradicts. Neither are they if it gives none
 * although the checkpoint has the size that it knows: so transparency-dev's witness says that the roots differ, for which the specification has 422.
 */
function conflict(text: string, oldSize: number, size: number): Answered {
  const knows = parseKnownSize(text)
  if (knows !== null) return knows === oldSize ? { outcome: 'forked' } : { outcome: 'knows', size: knows }
  if (text.trim() === '' && oldSize === size) return { outcome: 'forked' }
  return { outcome: 'failed', detail: 'it answers 409 without the size that it knows' }
}

function openAnswer({ verifier }: Witness, text: string, note: string): Submitted {
  const opened = openWitnessAnswer(text, note, [verifier])
  if (opened.outcome !== 'opened') return { outcome: 'failed', detail: 'its cosignature does not hold' }
  const lines = opened.cosignatures.map(signatureLine)
  return lines.length === 0
    ? { outcome: 'failed', detail: 'it signs with another key' }
    : { outcome: 'cosigned', lines, time: Math.max(...opened.cosignatures.map(({ time }) => time)) }
}

/** A log as witnesses know it, and the keys that have signed for it. */
export interface KnownLog {
  readonly origin: string
  /** Under whatever name they sign. */
  readonly keys: readonly KeyObject[]
  /** Verifier keys of its last checkpoint, one a line; null if it has none. */
  readonly vkeys: string | null
}

/** What a witness gives as the checkpoint that it cosigned last. */
export type Told =
  /** With its cosignature and a signature of the log: what the log signed cannot be denied. */
  | { readonly outcome: 'proof'; readonly claim: Claim }
  /** With its cosignature, and without one of the log: no witness may cosign that, and anybody with its key can invent it. */
  | { readonly outcome: 'invented'; readonly size: number }
  | { readonly outcome: 'nothing' }

const toldNothing: Told = { outcome: 'nothing' }

/** The checkpoint of the log that the witness says it cosigned last (C2SP tlog-witness, Monitor Retrieval). */
export async function askWitness({ verifier, url }: Witness, log: KnownLog, signal: AbortSignal): Promise<Told> {
  const { origin } = log
  const name = createHash('sha256').update(origin).digest('hex')
  const answer = await ask(`${url}/${name}/checkpoint`, { method: 'GET', signal })
  if (typeof answer === 'string' || answer.status !== 200) return toldNothing
  const opened = openCosignatures(answer.text, [verifier])
  const parsed = parseNote(answer.text)
  const checkpoint = typeof parsed === 'string' ? null : parseCheckpoint(parsed.text)
  const vouched = opened.outcome === 'opened' && opened.cosignatures.length > 0
  if (!vouched || checkpoint?.origin !== origin) return toldNothing
  const { size, root } = checkpoint
  if (!isSignedBy(log, answer.text)) return { outcome: 'invented', size }
  return { outcome: 'proof', claim: { by: 'witness', name: verifier.name, size, root, note: answer.text } }
}

function isSignedBy({ keys, vkeys }: KnownLog, note: string): boolean {
  const parsed = parseNote(note)
  if (typeof parsed === 'string') return false
  const names = [...new Set(parsed.signatures.map(({ name }) => name))]
  const own = keys.flatMap((publicKey) => names.map((name) => makeVerifier({ name, publicKey })))
  const before = (vkeys ?? '').split('\n').flatMap((vkey) => parseVerifierKey(vkey) ?? [])
  return openNote(note, [...own, ...before]).outcome === 'verified'
}

/** Status and text, or the error. */
async function ask(url: string, request: RequestInit): Promise<{ status: number; text: string } | string> {
  try {
    const response = await fetch(url, { ...request, redirect: 'error' })
    const text = await readShort(response)
    return text === null ? 'its answer is too long' : { status: response.status, text }
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError' ? 'no answer in time' : 'it cannot be reached'
  }
}

async function readShort(response: Response): Promise<string | null> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += part.length
    if (length > answerBytes) return null
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}
