/** A buffer of texts between a producer and a consumer: the first texts in memory, more in a file, up to a limit. */
import { randomUUID } from 'node:crypto'
import { type FileHandle, open, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What all spools of a process share. */
export interface SpoolRoom {
  /** Bytes of each spool that stay in memory. */
  readonly memoryBytes: number
  /** Bytes of all their files together; falls as files grow. */
  fileBytes: number
  readonly folder: string
  /** Called if a file cannot be created or written; the spool then uses only its memory. */
  warn(error: unknown): void
}

/** Contract: the limits; the files are in the folder for temporary files (TMPDIR). */
export const usualRoom = { memoryBytes: 2 * 1024 * 1024, fileBytes: 512 * 1024 * 1024, folder: tmpdir() } as const

/** Bytes that are written to the file, and read from it, at once. */
const piece = 64 * 1024

/**
 * Holds texts in order until they are taken. There is one producer and one consumer; each waits if necessary.
 *
 * Texts go through `first` (in memory), then the file, then `last` (in memory, on its way to the file).
 */
export class Spool {
  readonly #room: SpoolRoom
  readonly #first: string[] = []
  #firstBytes = 0
  readonly #last: string[] = []
  #lastBytes = 0
  #file: FileHandle | null = null
  /** The unread part of the file lies between these two. */
  #readUpTo = 0
  #writtenUpTo = 0
  /** The file takes no more until all of it has been read. */
  #noFile = false
  /** An operation on the file is running; the next one waits for it. */
  #working: Promise<void> | null = null
  #ended: { fault: unknown } | null = null
  #closed = false
  #waiting: (() => void)[] = []
  /** Whether the producer waits for the consumer. */
  full = false
  /** Called when `full` or `ended` becomes true. */
  onStandstill: () => void = () => {}

  constructor(room: SpoolRoom) {
    this.#room = room
  }

  get ended(): boolean {
    return this.#ended !== null
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Adds a text; resolves when there is room for another. After `close`, texts are dropped. */
  async give(text: string): Promise<void> {
    if (this.#closed) return
    const bytes = Buffer.byteLength(text)
    if (this.#fileIsEmpty() && this.#lastBytes === 0 && this.#firstBytes < this.#room.memoryBytes) {
      this.#first.push(text)
      this.#firstBytes += bytes
      this.#wake()
      return
    }
    this.#last.push(text)
    this.#lastBytes += bytes
    if (this.#lastBytes >= piece) await this.#makeRoom()
  }

  /** Nothing follows, except the fault, if any, which the consumer gets after all texts. */
  end(fault: unknown = null): void {
    this.#ended ??= { fault }
    this.#wake()
    this.onStandstill()
  }

  /** The texts, some at a time. @throws the fault that the spool ended with */
  async *take(): AsyncGenerator<string | Buffer, void, undefined> {
    try {
      while (!this.#closed) {
        const next = await this.#next()
        if (next !== null) yield next
        else if (this.#ended === null) await this.#change()
        else if (this.#ended.fault !== null) throw this.#ended.fault
        else return
      }
    } finally {
      await this.close()
    }
  }

  /** Frees everything; nobody will take any more. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#wake()
    await this.#working
    this.#forgetFile()
    await this.#file?.close()
  }

  #fileIsEmpty(): boolean {
    return this.#readUpTo === this.#writtenUpTo && this.#working === null
  }

  /** Null if there is nothing now. */
  async #next(): Promise<string | Buffer | null> {
    if (this.#first.length > 0) return this.#takeFirst()
    await this.#working
    if (this.#readUpTo < this.#writtenUpTo) return this.#readFile()
    if (this.#last.length === 0) return null
    this.#first.push(...this.#last.splice(0))
    this.#firstBytes = this.#lastBytes
    this.#lastBytes = 0
    return this.#takeFirst()
  }

  #takeFirst(): string {
    const text = this.#first.splice(0).join('')
    this.#firstBytes = 0
    this.#wake()
    return text
  }

  async #readFile(): Promise<Buffer> {
    const wanted = Math.min(piece, this.#writtenUpTo - this.#readUpTo)
    const { bytesRead, buffer } = await (this.#file as FileHandle).read(
      Buffer.allocUnsafe(wanted),
      0,
      wanted,
      this.#readUpTo,
    )
    if (bytesRead === 0) throw new Error('a spool is shorter than what was written to it')
    this.#readUpTo += bytesRead
    if (!this.#closed && this.#fileIsEmpty()) await this.#work(() => this.#clearFile())
    return buffer.subarray(0, bytesRead)
  }

  async #work(act: () => Promise<void>): Promise<void> {
    this.#working = act()
    await this.#working
    this.#working = null
    this.#wake()
  }

  async #clearFile(): Promise<void> {
    this.#forgetFile()
    await this.#file?.truncate(0)
  }

  #forgetFile(): void {
    this.#room.fileBytes += this.#writtenUpTo
    this.#writtenUpTo = 0
    this.#readUpTo = 0
    this.#noFile = false
  }

  /** Writes the texts in memory to the file. If the file takes no more, waits until enough was taken. */
  async #makeRoom(): Promise<void> {
    while (!this.#closed && this.#lastBytes >= piece) {
      if (this.#working !== null) await this.#working
      else if (!this.#noFile && this.#lastBytes <= this.#room.fileBytes) await this.#work(() => this.#writeLast())
      else {
        this.full = true
        this.onStandstill()
        await this.#change()
      }
    }
    this.full = false
  }

  async #writeLast(): Promise<void> {
    const bytes = Buffer.from(this.#last.join(''))
    // Subtracted before waiting for the file, so that others do not count on it.
    this.#room.fileBytes -= bytes.length
    try {
      this.#file ??= await openUnnamed(this.#room.folder)
      await writeAll(this.#file, bytes, this.#writtenUpTo)
      this.#writtenUpTo += bytes.length
      this.#last.length = 0
      this.#lastBytes = 0
    } catch (error) {
      this.#room.fileBytes += bytes.length
      this.#noFile = true
      this.#room.warn(error)
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

/** A file that disappears with its handle, whatever happens to the process. */
async function openUnnamed(folder: string): Promise<FileHandle> {
  const name = join(folder, `commitments-answers-${randomUUID()}`)
  const file = await open(name, 'wx+', 0o600)
  await unlink(name)
  return file
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}
