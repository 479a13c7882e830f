/**
 * Language tags (BCP 47). `Intl` says whether a tag is well-formed, and gives its normal spelling. Its CLDR data show which languages,
 * scripts and regions exist: all of ISO 639-1, and nearly every written language of ISO 639-3 (without sign languages).
 */

/** Why a tag is not accepted, as the end of a sentence; undefined if it is. */
export function languageFault(tag: string): string | undefined {
  const seen = verdicts.get(tag)
  if (seen !== undefined) return seen === fine ? undefined : seen
  const fault = findFault(tag)
  remember(tag, fault ?? fine)
  return fault
}

const fine = ''
/**
 * A call of `Intl` takes microseconds, and nearly every text is in one of a few languages. The map is bounded, because callers choose the
 * keys.
 */
const verdicts = new Map<string, string>()
const maxVerdicts = 1_000
const names = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' })
const scriptNames = new Intl.DisplayNames(['en'], { type: 'script', fallback: 'none' })
const regionNames = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })
const expected = 'must be a language tag of BCP 47, such as "en", "vi", "ko" or "zh-Hant"'

function remember(tag: string, verdict: string): void {
  if (verdicts.size >= maxVerdicts) verdicts.clear()
  if (tag.length <= maxTagLength) verdicts.set(tag, verdict)
}

/** BCP 47 sets no limit; RFC 5646, 4.4.1 recommends room for 35 characters. */
export const maxTagLength = 35

function findFault(tag: string): string | undefined {
  const canonical = canonicalTag(tag)
  if (canonical === undefined) return expected
  if (canonical !== tag) return `must be written in its canonical form, "${canonical}"`
  return isKnown(new Intl.Locale(tag)) ? undefined : `${expected}; this one is not known`
}

function canonicalTag(tag: string): string | undefined {
  if (tag.length > maxTagLength) return undefined
  try {
    return Intl.getCanonicalLocales(tag)[0]
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function isKnown({ language, script, region }: Intl.Locale): boolean {
  if (script !== undefined && scriptNames.of(script) === undefined) return false
  if (region !== undefined && regionNames.of(region) === undefined) return false
  // "und" is well-formed; V8 gives it as an empty language.
  if (!language || language === 'und') return false
  // The likely script is known for far more languages than the English name.
  return new Intl.Locale(language).maximize().toString() !== language || names.of(language) !== undefined
}
