/** Choosing a media type by the `Accept` header (RFC 9110, 12.5.1). */
interface Range {
  type: string
  quality: number
  /** 0 for any, 1 for a family such as `text/*`, 2 for one type. */
  precision: number
}

/**
 * The offer that the caller likes best (the earlier of equals), or null when it accepts none. No header: the first offer.
 * Parameters other than `q` are not looked at.
 */
export function negotiate(accept: string | undefined, offers: readonly string[]): string | null {
  const [first] = offers
  if (first === undefined) return null
  if (accept === undefined || accept === '*/*' || accept === '' || accept === first) return first
  const ranges = accept.split(',').map(readRange)
  let best: string | null = null
  let bestQuality = 0
  for (const offer of offers) {
    const quality = qualityOf(offer, ranges)
    if (quality <= bestQuality) continue
    best = offer
    bestQuality = quality
  }
  return best
}

function readRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const weight = parameters.find((parameter) => parameter.startsWith('q='))
  const quality = weight === undefined ? 1 : Number(weight.slice(2))
  const precision = type === '*/*' ? 0 : type.endsWith('/*') ? 1 : 2
  return { type, quality: quality >= 0 && quality <= 1 ? quality : 0, precision }
}

/** The most precise range that covers the offer decides. */
function qualityOf(offer: string, ranges: readonly Range[]): number {
  const type = offer.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  let found: Range | null = null
  for (const range of ranges) {
    if (covers(range, type) && (found === null || range.precision > found.precision)) found = range
  }
  return found?.quality ?? 0
}

function covers(range: Range, type: string): boolean {
  if (range.precision === 0) return true
  return range.precision === 1 ? type.startsWith(range.type.slice(0, -1)) : type === range.type
}
