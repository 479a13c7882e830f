import { certainlyBefore, type When } from '../dates.ts'
import type { EventData, EventType } from '../event-types.ts'
import type { Evidence } from '../evidence.ts'
import { isSame } from '../lists.ts'
import { toMinorUnits } from '../money.ts'
import type { LanguageMap } from '../texts.ts'
import type { whyNotWords } from '../words/keeping.ts'
import { type Author, type Ceased, type Fact, isOwnChange, undoes } from './past.ts'
import type { Wish } from './wish.ts'

/** Why a difference is not planned. */
export type WhyNot = keyof typeof whyNotWords

/** A place where a wish and the record differ. */
interface Difference {
  /** The member of the wish, such as `wished.planned.end`. */
  readonly path: string
  readonly present: unknown
  readonly wished: unknown
}

/** An event that brings the record closer to a wish, without what the wish gives to all its events. */
export interface Step extends Difference {
  readonly type: EventType
  readonly data: Readonly<Record<string, unknown>>
  readonly occurredOn?: When | null | undefined
  readonly evidence?: readonly Evidence[] | undefined
  /** The reason, for an event that has no member for it: its note, unless the wish gives one. */
  readonly note?: LanguageMap | undefined
}

/** A difference that no event of this call makes up for. */
export interface NotPlanned extends Difference {
  readonly why: WhyNot
  readonly detail: string
}

/** What is known of a happening beside its content. */
type Happening = Pick<Step, 'occurredOn' | 'evidence' | 'note'>

/** What is compared with the record. */
export interface Told {
  readonly wish: Wish
  readonly author: Author
  /** What the record stated before, of the facts that differ. */
  readonly ceased: Ceased
}

/** Something recorded that happened: the event that says so, and its date. */
interface RecordedHappening {
  readonly version: number
  readonly occurredOn: When | null
}

/** Collects the differences between a record and a wish. */
export class Found {
  readonly steps: Step[] = []
  readonly notPlanned: NotPlanned[] = []
  /** What the wish says and the record does not, and may have said before. */
  readonly facts: Fact[] = []
  readonly wish: Wish
  readonly #told: Told

  constructor(told: Told) {
    this.wish = told.wish
    this.#told = told
  }

  step<Type extends EventType>(
    { path, present, wished }: Difference,
    type: Type,
    data: EventData[Type],
    { occurredOn, evidence, note }: Happening = {},
  ) {
    this.steps.push({ path, present: present ?? null, wished: wished ?? null, type, data, occurredOn, evidence, note })
  }

  not(why: WhyNot, { path, present, wished }: Difference, detail: string) {
    this.notPlanned.push({ path, why, present: present ?? null, wished: wished ?? null, detail })
  }

  /**
   * Whether what a wish says held before, until somebody else changed it, or it was corrected or retracted: then it is named, and not
   * planned. Only a caller that has seen that, and gives a reason, can say that it became so again.
   *
   * @param isSo whether a state says it
   * @param text without which no event can have said it
   */
  isOver(difference: Difference, isSo: Fact['isSo'], text?: string): boolean {
    const event = this.#ceasedWith(difference, isSo, text)
    const { author, wish } = this.#told
    if (!event || isOwnChange(event, author) || (author.hasSeen && wish.reason !== undefined)) return false
    const detail = `It was so in the record until event ${event.version} ("${event.type}"). Send what holds now. If it became so again in the world after that, send \`reason\`, and \`If-Match\` with the version that you have read; or record it as an event.`
    this.not('changed-since', difference, detail)
    return true
  }

  /**
   * The same for something that happened: what was corrected, retracted or undone is never recorded again for a wish, whoever has seen it.
   *
   * @param isSo whether a state has this happening, and not one that is certainly earlier
   */
  wasUndone(difference: Difference, isSo: Fact['isSo'], text?: string): boolean {
    const event = this.#ceasedWith(difference, isSo, text)
    if (!event || !undoes(event)) return false
    const detail = `It was in the record until event ${event.version} ("${event.type}"), and is not recorded again for a wish. If it happened again later, give its own later \`occurredOn\`, or record it as an event. If that event is wrong, retract it.`
    this.not('changed-since', difference, detail)
    return true
  }

  #ceasedWith({ path }: Difference, isSo: Fact['isSo'], text: string | undefined) {
    this.facts.push({ path, isSo, text })
    return this.#told.ceased.get(path)
  }

  /** A change of something that was known: only with the reason for it. */
  withReason<Type extends EventType>(
    difference: Difference,
    type: Type,
    dataOf: (reason: LanguageMap) => EventData[Type],
    happening: Happening = {},
  ) {
    const { reason } = this.wish
    if (reason !== undefined) this.step(difference, type, dataOf(reason), happening)
    else this.needsReason(difference)
  }

  needsReason(difference: Difference) {
    const detail = 'Give `reason`: why it changed in the world. If the record is wrong, record "corrected".'
    this.not('needs-reason', difference, detail)
  }

  /** What the record says of something that happened is not changed by what a wish says. */
  otherwise(differences: Iterable<Difference>, version?: number) {
    const who = version === undefined ? 'The record' : `Event ${version}`
    const detail = `${who} says otherwise. If that is wrong, record "corrected", or "contested" if you may not correct it. If something else happened, record that as an event.`
    for (const difference of differences) this.not('recorded-otherwise', difference, detail)
  }

  /** Agreed terms, and a known place, change by a decision of the parties. */
  amendment(difference: Difference) {
    const detail =
      'If the parties changed what they agreed on, record "amended"; if it is wrong in the record, record "corrected".'
    this.not('needs-amendment', difference, detail)
  }

  /** A known date of something that happened, if the wish gives another one. */
  otherDate(path: string, recorded: RecordedHappening, { occurredOn }: Pick<Happening, 'occurredOn'>) {
    this.otherwise(differing(recorded.occurredOn, occurredOn ?? undefined, `${path}.occurredOn`), recorded.version)
  }
}

/** Whether a recorded happening may be the one that a wish speaks of: it exists, and is not certainly earlier. */
export function mayBe(recorded: RecordedHappening | null | undefined, wished: Pick<Happening, 'occurredOn'>): boolean {
  return recorded !== null && recorded !== undefined && !isLater(recorded, wished)
}

/** Whether a wish speaks of a later happening than the recorded one, and not of the same one in other words. */
export function isLater(recorded: RecordedHappening, { occurredOn }: Pick<Happening, 'occurredOn'>): boolean {
  return certainlyBefore(recorded.occurredOn, occurredOn ?? null)
}

/** The places in which a wished value says something else than the present one. What it does not mention is not compared. */
export function* differing(present: unknown, wished: unknown, path: string): Generator<Difference> {
  if (wished === undefined || isSame(present, wished)) return
  if (isObject(wished) && isObject(present)) {
    if (isAmount(wished) && isAmount(present) && isSameAmount(present, wished)) return
    if (isAmount(wished)) yield { path, present, wished }
    else for (const [name, value] of Object.entries(wished)) yield* differing(present[name], value, `${path}.${name}`)
  } else if ((present ?? null) !== (wished ?? null)) yield { path, present, wished }
}

/** The same for lists whose order says nothing. */
export function* differingSets(
  present: readonly string[],
  wished: readonly string[] | undefined,
  path: string,
): Generator<Difference> {
  if (wished !== undefined && !isSame(present.toSorted(), wished.toSorted())) yield { path, present, wished }
}

interface Amount {
  readonly value: string
  readonly currency: string
}

export function isSameAmount(a: Amount, b: Amount): boolean {
  return a.currency === b.currency && toMinorUnits(a) === toMinorUnits(b)
}

function isAmount(value: object): value is Amount {
  return 'value' in value && 'currency' in value
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The texts that are new, or other than the present ones. */
export function changedTexts(
  present: LanguageMap | null | undefined,
  wished: LanguageMap | undefined,
): LanguageMap | undefined {
  const changed = Object.entries(wished ?? {}).filter(([language, text]) => present?.[language] !== text)
  return changed.length === 0 ? undefined : Object.fromEntries(changed)
}
