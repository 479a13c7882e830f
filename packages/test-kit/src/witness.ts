import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type AddCheckpoint,
  type Checkpoint,
  emptyRoot,
  formatKnownSize,
  makeCosignatureVerifier,
  makeCosigner,
  type NoteSigner,
  type NoteVerifier,
  type OpenedCheckpoint,
  openCheckpoint,
  parseAddCheckpoint,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  signatureLine,
  sizeMediaType,
  verifyConsistency,
  witnessKey,
} from '@commitments/transparency'
import type { Cleanup } from './tcp-proxy.ts'

/** A witness on loopback that follows the text of C2SP tlog-witness (add-checkpoint and the monitor retrieval). Closed after the test. */
export interface TestWitness {
  /** Submission prefix and monitoring prefix. */
  readonly url: string
  readonly name: string
  /** Verifier key of its cosignatures (type 0x04). */
  readonly vkey: string
  readonly verifier: NoteVerifier
  /** Signed checkpoints that were known to be the log's own, and were refused as inconsistent: proof of a fork. */
  readonly evidence: readonly string[]
  /** Trusts these keys (verifier keys, type 0x01) for the log of that origin, in place of the earlier ones. */
  trust(origin: string, vkeys: readonly string[]): void
  /** The latest checkpoint that it cosigned for that origin, as a note with its cosignature; null if there is none. */
  latest(origin: string): string | null
  /** Stops answering; its knowledge stays in its state file, if it has one. */
  close(): Promise<void>
}

interface WitnessOptions {
  readonly name?: string
  /** Its Ed25519 key; by default a new one. */
  readonly privateKey?: KeyObject
  /** POSIX seconds; by default the machine's clock. */
  readonly now?: () => number
  /**
   * The answer to a checkpoint of the size that it cosigned last, with another root: 422, as the specification says, or 409 without a size, as
   * transparency-dev's witness does. Default: 422.
   */
  readonly sameSizeAnswer?: 422 | 409
  /** Where its state is kept, so that it can be started again; by default only in memory. */
  readonly stateFile?: string
}

interface State {
  readonly server: Server
  readonly signer: NoteSigner
  readonly verifier: NoteVerifier
  readonly trusted: Map<string, NoteVerifier[]>
  /** By origin: the latest cosigned checkpoint, a note. */
  readonly cosigned: Map<string, string>
  readonly evidence: string[]
  readonly stateFile: string | undefined
  readonly sameSizeAnswer: 422 | 409
}

type VerifiedCheckpoint = Extract<OpenedCheckpoint, { outcome: 'verified' }>

interface Answer {
  readonly status: number
  readonly body: string
  readonly type?: string
}

/** Starts a witness that knows no log yet (`trust`). */
export async function startWitness(t: Cleanup, options: WitnessOptions = {}): Promise<TestWitness> {
  const { name = 'witness.example/w1', privateKey = generateKeyPairSync('ed25519').privateKey, stateFile } = options
  const { sameSizeAnswer = 422 } = options
  const now = options.now ?? (() => Math.floor(Date.now() / 1000))
  const state: State = {
    server: createServer(),
    signer: makeCosigner({ name, privateKey, now }),
    verifier: makeCosignatureVerifier({ name, publicKey: privateKey }),
    trusted: new Map(),
    cosigned: readState(stateFile),
    evidence: [],
    stateFile,
    sameSizeAnswer,
  }
  state.server.on('request', (request, response) => void answer(state, request, response))
  state.server.listen(0, '127.0.0.1')
  await once(state.server, 'listening')
  const witness = handle(state, { name, vkey: witnessKey(name, privateKey) })
  t.after(() => witness.close())
  return witness
}

function handle(state: State, { name, vkey }: { name: string; vkey: string }): TestWitness {
  const { port } = state.server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    name,
    vkey,
    verifier: state.verifier,
    evidence: state.evidence,
    trust: (origin, vkeys) => trust(state, origin, vkeys),
    latest: (origin) => state.cosigned.get(origin) ?? null,
    close: () => close(state),
  }
}

function trust(state: State, origin: string, vkeys: readonly string[]): void {
  const verifiers = vkeys.map((vkey) => {
    const verifier = parseVerifierKey(vkey)
    if (verifier === null) throw new RangeError(`Not a verifier key of a log: ${vkey}`)
    return verifier
  })
  state.trusted.set(origin, verifiers)
}

async function close({ server }: State): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, body, type } = await respond(state, request)
  response.writeHead(status, { 'content-type': type ?? 'text/plain; charset=utf-8' }).end(body)
}

async function respond(state: State, request: IncomingMessage): Promise<Answer> {
  const url = request.url ?? ''
  if (url === '/add-checkpoint') {
    if (request.method !== 'POST') return { status: 405, body: 'add-checkpoint is a POST\n' }
    const body = await readBody(request)
    return body === null ? { status: 413, body: 'Too large\n' } : addCheckpoint(state, body)
  }
  const [, originHash] = /^\/([0-9a-f]{64})\/checkpoint$/.exec(url) ?? []
  return originHash === undefined ? { status: 404, body: 'No such page\n' } : monitored(state, originHash)
}

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length
    if (length <= 1_000_000) parts.push(part)
  }
  return length <= 1_000_000 ? Buffer.concat(parts) : null
}

/**
 * C2SP tlog-witness, add-checkpoint, check by check. Nothing here awaits, so comparing with the last cosigned checkpoint and keeping the
 * new one is one step ("must be performed atomically").
 */
function addCheckpoint(state: State, body: Buffer): Answer {
  const request = parseAddCheckpoint(body)
  const claimed = request && claimOf(request.checkpoint)
  if (!request || !claimed) return { status: 400, body: 'Not an old size, a proof and a checkpoint\n' }
  const verifiers = state.trusted.get(claimed.origin)
  if (!verifiers) return { status: 404, body: 'Unknown origin\n' }
  const opened = openCheckpoint(request.checkpoint, { origin: claimed.origin, verifiers })
  if (opened.outcome !== 'verified')
    return { status: 403, body: 'No signature of a trusted key, or one that is wrong\n' }
  if (request.oldSize > opened.checkpoint.size) return { status: 400, body: 'The old size is beyond the checkpoint\n' }
  const known = knownTree(state, claimed.origin)
  if (request.oldSize !== known.size) return { status: 409, body: formatKnownSize(known.size), type: sizeMediaType }
  if (!isConsistent(known, opened.checkpoint, request)) {
    // "The witness MAY log the request … as it might be proof of log misbehavior."
    state.evidence.push(request.checkpoint)
    if (state.sameSizeAnswer === 409 && known.size === opened.checkpoint.size) return { status: 409, body: '' }
    return { status: 422, body: 'Not consistent with what was cosigned before\n' }
  }
  return { status: 200, body: cosign(state, opened) }
}

function claimOf(note: string): Checkpoint | null {
  const parsed = parseNote(note)
  return typeof parsed === 'string' ? null : parseCheckpoint(parsed.text)
}

/** The latest checkpoint cosigned, "or zero if it never cosigned a checkpoint for that origin". */
function knownTree(state: State, origin: string): Pick<Checkpoint, 'size' | 'root'> {
  const note = state.cosigned.get(origin)
  return (note !== undefined && claimOf(note)) || { size: 0, root: emptyRoot }
}

function isConsistent(known: Pick<Checkpoint, 'size' | 'root'>, young: Checkpoint, { proof }: AddCheckpoint): boolean {
  return verifyConsistency({ from: known.size, fromRoot: known.root, to: young.size, toRoot: young.root, proof })
}

/**
 * Cosigns, keeps, and only then answers: "The witness MUST persist the new checkpoint before responding." It keeps "the cosignature from
 * the log key(s) that the witness verified", and no unknown ones.
 */
function cosign(state: State, { text, checkpoint, verified }: VerifiedCheckpoint): string {
  const { name, keyId } = state.signer
  const cosignature = { name, keyId, signature: state.signer.sign(text) }
  state.cosigned.set(checkpoint.origin, `${text}\n${[...verified, cosignature].map(signatureLine).join('')}`)
  writeState(state)
  return signatureLine(cosignature)
}

/** C2SP tlog-witness, Monitor Retrieval Mechanism: "The origin hash is the SHA-256 hash of the log's origin, hex encoded, in lowercase." */
function monitored(state: State, originHash: string): Answer {
  const found = [...state.cosigned].find(([origin]) => createHash('sha256').update(origin).digest('hex') === originHash)
  return found ? { status: 200, body: found[1] } : { status: 404, body: 'Never cosigned\n' }
}

function readState(file: string | undefined): Map<string, string> {
  if (file === undefined || !existsSync(file)) return new Map()
  return new Map(JSON.parse(readFileSync(file, 'utf8')) as [string, string][])
}

function writeState({ stateFile, cosigned }: State): void {
  if (stateFile === undefined) return
  const descriptor = openSync(`${stateFile}.new`, 'w')
  writeSync(descriptor, JSON.stringify([...cosigned]))
  fsyncSync(descriptor)
  closeSync(descriptor)
  renameSync(`${stateFile}.new`, stateFile)
}
