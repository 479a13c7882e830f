/**
 * How much longer a function takes for input that is eight times as long: about 8 if its work grows linearly, about 64 if it grows with the
 * square. It counts processor time of this process, and takes the best of several runs, so that a busy machine gives the same result. A
 * result that does not look linear is measured again: quadratic work gives it each time. Below a minimum time, nothing can be concluded,
 * and nothing needs to be.
 */
export function growth(work: (input: string) => unknown, unit: string, small = 8 * 1024): number {
  let least = Number.POSITIVE_INFINITY
  for (let tries = 0; tries < 3 && least >= linearAtMost; tries += 1) {
    least = Math.min(least, growthOnce(work, unit, small))
  }
  return least
}

function growthOnce(work: (input: string) => unknown, unit: string, small: number): number {
  const short = unit.repeat(Math.ceil(small / unit.length))
  const quick = Math.max(fastest(work, short), floor)
  return fastest(work, short.repeat(8)) / quick
}

/** Between the two, and far from both. */
export const linearAtMost = 32

/** Microseconds. */
const floor = 300
const runs = 8

function fastest(work: (input: string) => unknown, input: string): number {
  let best = Number.POSITIVE_INFINITY
  for (let run = 0; run < runs; run += 1) {
    const begin = process.cpuUsage()
    try {
      work(input)
    } catch {
      // A refusal is an acceptable result.
    }
    const { user } = process.cpuUsage(begin)
    best = Math.min(best, user)
  }
  return best
}

/** Input that makes parsers backtrack: runs of each kind of character that is special to one of them. */
export const awkward: readonly string[] = [
  ' ',
  '\t',
  ',',
  ';',
  '"',
  '\\',
  '\\"',
  '=',
  '/',
  '*',
  '-',
  '0',
  '1',
  '9',
  'a',
  'Z',
  '.',
  ':',
  '%',
  '&',
  '[',
  '{',
  '{"a":',
  '..',
  '-0',
  'é',
  '😀',
  '\u200b',
  ', ',
  '", ',
  'W/"',
  '"a"',
  'a;q=0.1,',
  ' ;',
  'en-',
  '2024-',
  'T',
  '+',
]
