/** Choosing how an answer is compressed (`Accept-Encoding`, RFC 9110, 12.5.3), and the entity tags of its compressed forms. */

/** In the order in which we prefer them. */
const codings = ['br', 'gzip'] as const

export type Coding = (typeof codings)[number]

interface Taken {
  /** What the caller likes best of what we can do; null: as it is. */
  readonly coding: Coding | null
  /** Whether it may come as it is. */
  readonly identity: boolean
}

const asItIs: Taken = { coding: null, identity: true }

/** What callers send is mostly one of a few texts. */
const known = new Map<string, Taken>()

/**
 * What the caller takes. No header, an empty one and one that cannot be read: as it is. Of equal weights it is brotli before gzip before neither.
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
  // Nobody has to name what everybody takes; only who excludes it does (RFC 9110, 12.5.3).
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

/** Our tags are of digits and base64url, so that no other tag ends like this. */
const mark = '+'

/** The tag of a compressed form: each form has a strong tag of its own, since its bytes are others. */
export function codedTag(tag: string, coding: Coding): string {
  return tag.replace(/"$/, `${mark}${coding}"`)
}

/** What is between the quotes of the tag of whichever form, as it is for the form that is not compressed. */
export function plainTag(value: string): string {
  return value.replace(/\+(?:br|gzip)$/, '')
}
