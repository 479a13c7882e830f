/** Chooses a media type by the `Accept` header (RFC 9110, 12.5.1). */
interface Range {
  type: string
  quality: number
  /** 0 for any, 1 for a family such as `text/*`, 2 for one type. */
  precision: number
}

/**
 * The offer that the caller prefers, or null if the caller accepts none. With equal weights, the type that the caller names more precisely
 * wins: a caller that asks for a type "or anything else" means that type. After that, the earlier offer wins. Without a header: the first
 * offer. Parameters other than `q` are ignored.
 */
export function negotiate(accept: string | undefined, offers: readonly string[]): string | null {
  const [first] = offers
  if (first === undefined) return null
  if (accept === undefined || accept === '*/*' || accept === '' || accept === first) return first
  const ranges = accept.split(',').map(readRange)
  let best: string | null = null
  let bestRange: Range = { type: '', quality: 0, precision: 0 }
  for (const offer of offers) {
    const range = rangeOf(offer, ranges)
    if (range === null || !isPreferred(range, bestRange)) continue
    best = offer
    bestRange = range
  }
  return best
}

function isPreferred(range: Range, to: Range): boolean {
  if (range.quality !== to.quality) return range.quality > to.quality
  return range.quality > 0 && range.precision > to.precision
}

function readRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const weight = parameters.find((parameter) => parameter.startsWith('q='))
  const quality = weight === undefined ? 1 : Number(weight.slice(2))
  const precision = type === '*/*' ? 0 : type.endsWith('/*') ? 1 : 2
  return { type, quality: quality >= 0 && quality <= 1 ? quality : 0, precision }
}

/** The most precise range that covers the offer decides. */
function rangeOf(offer: string, ranges: readonly Range[]): Range | null {
  const type = offer.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  let found: Range | null = null
  for (const range of ranges) {
    if (covers(range, type) && (found === null || range.precision > found.precision)) found = range
  }
  return found
}

function covers(range: Range, type: string): boolean {
  if (range.precision === 0) return true
  return range.precision === 1 ? type.startsWith(range.type.slice(0, -1)) : type === range.type
}
