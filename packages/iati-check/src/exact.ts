/** Exact sums of decimal numbers: 33.3 + 33.3 + 33.4 is 100. */

const decimal = /^\s*([+-]?)(\d*)(?:\.(\d*))?\s*$/

interface Exact {
  readonly units: bigint
  readonly scale: number
}

/** Null for what is not a decimal number. */
function exact(text: string): Exact | null {
  const [, sign = '', whole = '', fraction = ''] = decimal.exec(text) ?? []
  if (whole === '' && fraction === '') return null
  return { units: BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`), scale: fraction.length }
}

/** Whether these texts are numbers that add up to the sum. */
export function addUpTo(texts: readonly string[], sum: number): boolean {
  const wanted = exact(String(sum))
  const numbers = texts.map(exact)
  if (wanted === null || numbers.includes(null)) return false
  const all = [...(numbers as Exact[]), wanted]
  const scale = Math.max(...all.map((one) => one.scale))
  const scaled = (one: Exact) => one.units * 10n ** BigInt(scale - one.scale)
  return (numbers as Exact[]).reduce((total, one) => total + scaled(one), 0n) === scaled(wanted)
}

/** Whether the text is a number between two others, or one of them. */
export function isBetween(text: string, min: number, max: number): boolean {
  const number = exact(text)
  if (number === null) return false
  const value = Number(text)
  return value >= min && value <= max
}
