/** Choosing how an answer is compressed (`Accept-Encoding`, RFC 9110, 12.5.3), and the entity tags of its compressed forms. */

/** In our order of preference. */
const codings = ['br', 'gzip'] as const

export type Coding = (typeof codings)[number]

interface Taken {
  /** The coding that the caller prefers among ours; null: uncompressed. */
  readonly coding: Coding | null
  /** Whether the answer may be uncompressed. */
  readonly identity: boolean
}

const asItIs: Taken = { coding: null, identity: true }

/** Callers mostly send one of a few texts. */
const known = new Map<string, Taken>()

/**
 * What the caller accepts. Without a header, or with an empty or unreadable one: uncompressed. With equal weights, brotli comes before
 * gzip, and gzip before uncompressed.
 */
export function codingOf(header: string | undefined): Taken {
  if (header === undefined || header === '') return asItIs
  let taken = known.get(header)
  if (taken === undefined) {
    taken = readTaken(header)
    if (known.size < 100) known.set(header, taken)
  }
  return taken
}

function readTaken(header: string): Taken {
  const weights = new Map(header.split(',').map(readWeight))
  const others = weights.get('*')
  const weightOf = (coding: string) => weights.get(coding) ?? others ?? 0
  // `identity` is always acceptable unless it is excluded (RFC 9110, 12.5.3).
  const identity = (weights.get('identity') ?? others ?? 1) > 0
  const [best] = codings.toSorted((one, other) => weightOf(other) - weightOf(one))
  const weight = best === undefined ? 0 : weightOf(best)
  const isLiked = weight > 0 && weight >= (weights.get('identity') ?? 0)
  return { coding: isLiked ? (best ?? null) : null, identity }
}

function readWeight(text: string): [string, number] {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const weight = parameters.find((parameter) => parameter.startsWith('q='))
  const value = weight === undefined ? 1 : Number(weight.slice(2))
  return [name === 'x-gzip' ? 'gzip' : name, value >= 0 && value <= 1 ? value : 0]
}

/** Our tags consist of digits and base64url, so no other tag ends like this. */
const mark = '+'

/** The tag of a compressed form: each form needs its own strong tag, because its bytes differ. */
export function codedTag(tag: string, coding: Coding): string {
  return tag.replace(/"$/, `${mark}${coding}"`)
}

/** The value of the tag of the uncompressed form, from the value of any form's tag. */
export function plainTag(value: string): string {
  return value.replace(/\+(?:br|gzip)$/, '')
}
