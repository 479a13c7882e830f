import { certainlyBefore, type When } from '../dates.ts'
import type { EventData, EventType } from '../event-types.ts'
import type { Evidence } from '../evidence.ts'
import { isSame } from '../lists.ts'
import { toMinorUnits } from '../money.ts'
import type { LanguageMap } from '../texts.ts'
import type { whyNotWords } from '../words/keeping.ts'
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
}

/** A difference that no event of this call makes up for. */
export interface NotPlanned extends Difference {
  readonly why: WhyNot
  readonly detail: string
}

/** What is known of a happening beside its content. */
interface Happening {
  readonly occurredOn?: When | null | undefined
  readonly evidence?: readonly Evidence[] | undefined
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
  readonly wish: Wish

  constructor(wish: Wish) {
    this.wish = wish
  }

  step<Type extends EventType>(
    { path, present, wished }: Difference,
    type: Type,
    data: EventData[Type],
    { occurredOn, evidence }: Happening = {},
  ) {
    this.steps.push({ path, present: present ?? null, wished: wished ?? null, type, data, occurredOn, evidence })
  }

  not(why: WhyNot, { path, present, wished }: Difference, detail: string) {
    this.notPlanned.push({ path, why, present: present ?? null, wished: wished ?? null, detail })
  }

  /** A change of something that was known: only with the reason for it. */
  withReason<Type extends EventType>(
    difference: Difference,
    type: Type,
    dataOf: (reason: LanguageMap) => EventData[Type],
    happening: Happening = {},
  ) {
    if (this.wish.reason !== undefined) this.step(difference, type, dataOf(this.wish.reason), happening)
    else
      this.not(
        'needs-reason',
        difference,
        'Give `reason`: why it changed in the world. If the record is wrong, record "corrected".',
      )
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
  otherDate(path: string, recorded: RecordedHappening, { occurredOn }: Happening) {
    this.otherwise(differing(recorded.occurredOn, occurredOn ?? undefined, `${path}.occurredOn`), recorded.version)
  }
}

/** Whether a wish speaks of a later happening than the recorded one, and not of the same one in other words. */
export function isLater(recorded: RecordedHappening, { occurredOn }: Happening): boolean {
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
