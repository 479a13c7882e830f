import { closeSync, fsyncSync, ftruncateSync, openSync, statSync, writeSync } from 'node:fs'
import { parseCheckpoint, parseNote, rootOfFrontier, verifyConsistency } from '@commitments/transparency'
import { createLeaves } from '../log/leaves.ts'
import { forOthers, replaceFile } from '../log/memory.ts'
import { feedOf, openFeed } from '../source/feed.ts'
import { logOfService } from '../source/published-log.ts'
import { askJson, isUrl, type Service, type ServiceOptions, serviceAt } from '../source/service.ts'
import { CannotCheck } from '../verdict.ts'
import { checkLine, type LineCheck } from '../verify/check-line.ts'
import type { Progress } from '../verify/options.ts'
import { type Scan, scanLines } from '../verify/scan.ts'

export interface ExportOptions extends ServiceOptions {
  /** The service's address. */
  readonly source: string
  readonly file: string
  readonly progress?: Progress | undefined
}

export interface Exported {
  /** Lines that the file already had. */
  readonly before: number
  /** Lines in it now. */
  readonly lines: number
  /** Whether checkpoint and key were written too. */
  readonly signed: boolean
}

/**
 * Writes the log to a file, line by line. An existing file is continued after its last whole line, after a check that it is the beginning
 * of this same log: its last line is requested again, and, if the log is signed, a consistency proof from the file's own root. The
 * checkpoint and the key are written next to it, so that the file can be checked without the service.
 * @throws CannotCheck if the file belongs to another log, or the service does not send what it announced
 */
export async function exportLog({ source, file, progress, ...options }: ExportOptions): Promise<Exported> {
  if (!isUrl(source)) throw new CannotCheck('what is exported is a service: give its address')
  const service = serviceAt(source, options)
  // Fetched before the lines, so that the file will have everything that it covers.
  const signed = await signatureOf(service)
  const held = await heldLines(file, progress)
  if (held.good > 0) await assertContinues(service, file, held, signed?.checkpoint ?? null)
  const lines = await append(service, file, held, progress)
  if (signed) await putBeside(file, signed)
  return { before: held.good, lines, signed: signed !== null }
}

interface Signature {
  readonly checkpoint: string
  readonly vkey: string
}

async function signatureOf(service: Service): Promise<Signature | null> {
  const log = logOfService(service)
  const [checkpoint, vkey] = await Promise.all([log.get('checkpoint'), log.get('vkey')])
  return checkpoint && vkey ? { checkpoint: checkpoint.toString('utf8'), vkey: vkey.toString('utf8') } : null
}

async function putBeside(file: string, { checkpoint, vkey }: Signature): Promise<void> {
  await replaceFile(`${file}.checkpoint`, checkpoint, forOthers)
  await replaceFile(`${file}.vkey`, vkey, forOthers)
}

interface Held extends Scan {
  /** Bytes of the complete lines. */
  readonly bytes: number
  readonly last: Buffer | null
}

async function heldLines(file: string, progress: Progress | undefined): Promise<Held> {
  const leaves = createLeaves()
  let bytes = 0
  const last: { line: Buffer | null } = { line: null }
  const onLine = (_: unknown, line: Buffer) => {
    bytes += line.length + 1
    last.line = Buffer.from(line)
  }
  progress?.begin('Reading what is there', null)
  try {
    if (!statSync(file, { throwIfNoEntry: false })) closeSync(openSync(file, 'wx', 0o644))
    const scan = await scanLines(openFeed(file), { leaves, onLine, progress: progress?.at })
    // An interrupted write leaves half a line at the end: it is written again.
    if (scan.fault && scan.end?.how !== 'torn')
      throw new CannotCheck(`${file} holds no log: at position ${scan.fault.position} ${scan.fault.because}`)
    return { ...scan, bytes, last: last.line }
  } finally {
    progress?.end()
    leaves.dispose()
  }
}

/** @throws CannotCheck if the file is not the beginning of this log */
async function assertContinues(
  service: Service,
  file: string,
  { good, last, frontier }: Held,
  note: string | null,
): Promise<void> {
  const { announced } = await feedOf(service).read({}, () => false)
  if (announced !== null && announced < good)
    throw new CannotCheck(
      `the log ends at position ${announced}, and ${file} has ${good} lines of it: the log went back, or was restored. ` +
        `Nothing was written; check the log with verify --kept-lines ${file} --earlier ${file}.checkpoint`,
    )
  const again: Buffer[] = []
  await feedOf(service).read({ after: good - 1, upTo: good }, (line) => {
    again.push(Buffer.from(line))
    return true
  })
  if (!last || !again[0]?.equals(last))
    throw new CannotCheck(`the file is not the beginning of this log: its line at position ${good} is another one`)
  const parsed = note === null ? null : parseNote(note)
  const signed = parsed === null || typeof parsed === 'string' ? null : parseCheckpoint(parsed.text)
  if (!signed || signed.size < good) return
  const proof = await consistencyProof(service, good, signed.size)
  const claim = { from: good, fromRoot: rootOfFrontier(frontier), to: signed.size, toRoot: signed.root, proof }
  if (!verifyConsistency(claim))
    throw new CannotCheck('the file is not the beginning of this log: their trees do not fit')
}

async function consistencyProof(service: Service, from: number, to: number): Promise<Buffer[]> {
  if (from === to) return []
  const answer = await askJson(service, `/v1/log/proofs/consistency?from=${from}&to=${to}`)
  const hashes = (answer?.value as { hashes?: unknown } | undefined)?.hashes
  if (!Array.isArray(hashes)) throw new CannotCheck('the service gives no proof that the file fits its log')
  return hashes.map((hash) => Buffer.from(String(hash), 'base64'))
}

async function append(service: Service, path: string, held: Held, progress: Progress | undefined): Promise<number> {
  const file = openSync(path, 'r+')
  const writer = { file, at: held.bytes, waiting: [] as Buffer[], waitingBytes: 0 }
  const found: { fault: string | null } = { fault: null }
  progress?.begin('Fetching lines', null)
  try {
    ftruncateSync(file, held.bytes)
    const end = await feedOf(service).read({ after: held.good }, (line) => {
      found.fault = faultOf(held.check, line)
      if (found.fault === null) write(writer, line)
      if (held.check.position % 4_096 === 0) progress?.at(held.check.position)
      return found.fault === null
    })
    if (end.how === 'short')
      throw new CannotCheck(`the service says that its log goes to position ${end.announced}, and sends no more of it`)
    if (found.fault !== null) throw new CannotCheck(`at position ${held.check.position + 1} ${found.fault}`)
    return held.check.position
  } finally {
    // Also after an interruption: what came is kept, and continued the next time.
    flush(writer)
    fsyncSync(file)
    closeSync(file)
    progress?.end()
  }
}

function faultOf(check: LineCheck, line: Buffer): string | null {
  const envelope = checkLine(check, line)
  return typeof envelope === 'string' ? envelope : null
}

interface Writer {
  readonly file: number
  at: number
  waiting: Buffer[]
  waitingBytes: number
}

const bufferedBytes = 1 << 20
const lineFeed = Buffer.from('\n')

function write(writer: Writer, line: Buffer): void {
  writer.waiting.push(Buffer.from(line), lineFeed)
  writer.waitingBytes += line.length + 1
  if (writer.waitingBytes > bufferedBytes) flush(writer)
}

function flush(writer: Writer): void {
  const bytes = Buffer.concat(writer.waiting)
  for (let from = 0; from < bytes.length; )
    from += writeSync(writer.file, bytes, from, bytes.length - from, writer.at + from)
  writer.at += bytes.length
  writer.waiting = []
  writer.waitingBytes = 0
}
