/** The keys of one issuer, read in the background. Only a key that is not known yet is waited for. */
import type { Logger } from 'pino'
import { asymmetric } from './algorithms.ts'
import { type PublicKey, readKeys } from './read-keys.ts'

/** Milliseconds. */
export interface KeyTimes {
  /** Between two looks, so that keys are read again before they are ten minutes old. */
  readonly refreshEvery: number
  /** For how long keys hold of an issuer that gives no answer. */
  readonly holdFor: number
  /** Between the beginnings of two looks, however many unknown keys tokens name. */
  readonly apart: number
  /** The first pause after a failure; each further one is twice as long, up to the last. */
  readonly retryFirst: number
  readonly retryLast: number
  /** For one look. */
  readonly patience: number
}

export const usualTimes: KeyTimes = {
  refreshEvery: 5 * 60_000,
  holdFor: 24 * 3_600_000,
  apart: 5_000,
  retryFirst: 2_000,
  retryLast: 60_000,
  patience: 5_000,
}

/** Requests that wait for a look at the same time; the others are told to come again. */
const mostWaiting = 64

/** What a token says of its key. */
interface Wanted {
  readonly alg: string
  readonly kid: string | undefined
}

type FoundKey =
  | { readonly outcome: 'found'; readonly key: PublicKey }
  /** The issuer has been asked since, and has no such key. */
  | { readonly outcome: 'none' }
  /** The token names no key, and the issuer has several. */
  | { readonly outcome: 'several' }
  /** It cannot be known now; in so many seconds perhaps. */
  | { readonly outcome: 'unavailable'; readonly retryAfter: number }

export class IssuerKeys {
  readonly #issuer: string
  readonly #name: string
  readonly #logger: Logger
  readonly #times: KeyTimes
  readonly #now: () => number
  /** By their content, so that a key that stays is the same object. */
  #known: ReadonlyMap<string, PublicKey> = new Map()
  #current: ReadonlySet<PublicKey> = new Set()
  /** When the known keys were asked for; null before the first answer. */
  #readAt: number | null = null
  #fault: string | null = null
  /** Since the last that did not, and since the start. */
  #failedLately = 0
  #failed = 0
  /** When the last look began, and when the next may begin. */
  #began = Number.NEGATIVE_INFINITY
  #notBefore = Number.NEGATIVE_INFINITY
  #looking: Promise<void> | null = null
  #waiting = 0
  /** The next look, if somebody waits for it. */
  #next: Promise<void> | null = null
  #timer: NodeJS.Timeout | null = null
  #stopped = true

  /** @param now milliseconds on a clock that is never set back */
  constructor(of: { name: string; issuer: string }, logger: Logger, times: KeyTimes, now: () => number) {
    this.#issuer = of.issuer
    this.#name = of.name
    this.#logger = logger
    this.#times = times
    this.#now = now
  }

  /** Reads the keys now, and again and again. */
  start(): void {
    this.#stopped = false
    void this.look()
  }

  stop(): void {
    this.#stopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  /** Looks that failed since the start. */
  get failures(): number {
    return this.#failed
  }

  /** Keys that are known and hold. */
  get count(): number {
    return this.#hold() ? this.#current.size : 0
  }

  /** Milliseconds since the known keys were asked for; null before the first answer. */
  get age(): number | null {
    return this.#readAt === null ? null : this.#now() - this.#readAt
  }

  /** Why the last look failed; null if it did not. */
  get fault(): string | null {
    return this.#fault
  }

  /** Whether the issuer has this key still. */
  has(key: PublicKey): boolean {
    return this.#current.has(key) && this.#hold()
  }

  /**
   * The key of a token. An unknown one is looked for: after a change of keys no request fails.
   *
   * @param waits whether to wait for a look; otherwise an unknown key is `unavailable`
   */
  async find(wanted: Wanted, waits: boolean): Promise<FoundKey> {
    const asked = this.#now()
    const known = this.#select(wanted)
    if (known !== null) return known
    if (!waits || this.#waiting >= mostWaiting) return this.#unavailable()
    this.#waiting += 1
    try {
      await this.#lookSince(asked)
    } finally {
      this.#waiting -= 1
    }
    return (
      this.#select(wanted) ?? (this.#began >= asked && this.#fault === null ? { outcome: 'none' } : this.#unavailable())
    )
  }

  #hold(): boolean {
    return this.#readAt !== null && this.#now() - this.#readAt < this.#times.holdFor
  }

  #unavailable(): FoundKey {
    const due = Math.max(this.#notBefore - this.#now(), 0)
    return { outcome: 'unavailable', retryAfter: Math.max(1, Math.ceil(due / 1_000)) }
  }

  /** Null if the key is not known. */
  #select({ alg, kid }: Wanted): FoundKey | null {
    if (!this.#hold()) return null
    const kind = asymmetric.get(alg)
    const fitting = [...this.#current].filter(
      (key) =>
        key.kty === kind?.kty &&
        (kind?.crv === undefined || key.crv === kind.crv) &&
        (key.alg === undefined || key.alg === alg || isEd25519(key.alg, alg)) &&
        (kid === undefined || key.kid === kid),
    )
    const [key] = fitting
    if (key === undefined) return null
    return fitting.length === 1 ? { outcome: 'found', key } : { outcome: 'several' }
  }

  /**
   * Resolves when a look that began then or later has ended, or has failed before. After a failure nobody waits for the next attempt: an
   * issuer that is away must not keep requests.
   */
  async #lookSince(asked: number): Promise<void> {
    while (this.#began < asked) {
      if (this.#looking !== null) await this.#looking
      else if (this.#fault !== null) return
      else await this.#nextLook()
    }
    await this.#looking
  }

  /** The next look, once enough time has passed since the last. */
  #nextLook(): Promise<void> {
    const due = this.#notBefore - this.#now()
    if (due <= 0) return this.look()
    this.#next ??= new Promise((resolve) => setTimeout(resolve, due)).then(() => {
      this.#next = null
      return this.look()
    })
    return this.#next
  }

  /** Asks the issuer now, or shares the look that is under way. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null
    })
    return this.#looking
  }

  async #look(): Promise<void> {
    const { patience, apart, refreshEvery } = this.#times
    this.#began = this.#now()
    this.#notBefore = this.#began + apart
    try {
      this.#take(await readKeys(this.#issuer, patience))
    } catch (error) {
      this.#note((error as Error).message)
    }
    this.#again(this.#fault === null ? refreshEvery : Math.max(0, this.#notBefore - this.#now()))
  }

  #take(keys: readonly PublicKey[]): void {
    const before = this.#known
    const named = keys.map((key) => [JSON.stringify(key), key] as const)
    this.#known = new Map(named.map(([text, key]) => [text, before.get(text) ?? key]))
    this.#current = new Set(this.#known.values())
    this.#readAt = this.#began
    if (this.#fault !== null) this.#logger.info({ issuer: this.#name }, 'the keys of the issuer can be read again')
    this.#fault = null
    this.#failedLately = 0
  }

  #note(fault: string): void {
    const { retryFirst, retryLast } = this.#times
    const pause = Math.min(retryFirst * 2 ** this.#failedLately, retryLast)
    this.#notBefore = this.#now() + pause
    this.#failedLately += 1
    this.#failed += 1
    const what = this.#hold()
      ? 'the keys of the issuer cannot be read; the earlier ones hold'
      : 'the keys of the issuer cannot be read; its tokens are answered with 503'
    if (this.#fault !== fault) this.#logger.warn({ issuer: this.#name, fault }, what)
    this.#fault = fault
  }

  #again(milliseconds: number): void {
    if (this.#stopped) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.look(), milliseconds).unref()
  }
}

/** Two names of one algorithm (RFC 9864). */
function isEd25519(a: string, b: string): boolean {
  return [a, b].every((name) => name === 'EdDSA' || name === 'Ed25519')
}
