import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { inspect } from 'node:util'
import { Parser, type Result } from 'tap-parser'

export interface Counts {
  passed: number
  failed: number
}

/**
 * Reads a run as TAP while it goes on, prints a line for each file and each failed assertion, and counts assertions. The result that closes
 * a subtest repeats those of its assertions and is not counted, unless it fails and they did not (a process that failed after its last
 * assertion). Skipped tests are neither passed nor failed, and their reasons are printed.
 */
export async function reportRun(tap: Readable, say: (line: string) => void): Promise<Counts> {
  const counts = { passed: 0, failed: 0 }
  const parser = new Parser()
  const comments: string[] = []
  count(parser, counts, {
    failed: (result) => say(describeFailure(result)),
    leftOut: (result, reason) => say(`  –  ${result.fullname || result.name}: ${reason}`),
    remarked: (text) => comments.push(text),
  })
  parser.on('assert', (result: Result) => {
    say(describeFile(result))
    // Remarks of the tests (seeds, counts) are printed if one of them failed.
    const remarks = comments.splice(0)
    if (!result.ok) for (const remark of remarks) say(`      ${remark}`)
  })
  await pipeline(tap, parser)
  return counts
}

interface Listener {
  failed(result: Result): void
  /** A test that was skipped, with its reason. */
  leftOut(result: Result, reason: string): void
  remarked(text: string): void
}

/** tap's own comments: titles of subtests, totals, times. */
const ownComment = /^# (?:Subtest:|\{ total:|time=|No coverage)/

function count(parser: Parser, counts: Counts, listener: Listener): void {
  const open: { failed: number }[] = []
  parser.on('child', (child: Parser) => {
    open.push({ failed: counts.failed })
    count(child, counts, listener)
  })
  parser.on('comment', (text: string) => {
    if (!ownComment.test(text)) listener.remarked(text.trim())
  })
  parser.on('assert', (result: Result) => {
    const subtest = open.shift()
    if (typeof result.skip === 'string' && result.fullname !== result.name) listener.leftOut(result, result.skip)
    if (result.skip || result.todo) return
    if (result.ok) counts.passed += subtest ? 0 : 1
    else if (!subtest || subtest.failed === counts.failed) {
      counts.failed += 1
      listener.failed(result)
    }
  })
}

function describeFile({ ok, name, time, skip }: Result): string {
  const took = time === null || time === undefined ? '' : ` (${(time / 1_000).toFixed(1)} s)`
  if (skip) return `  –  ${name}: ${skip === true ? 'skipped' : skip}`
  return `${ok ? '  ok ' : '  NOT OK '}${name}${took}`
}

function describeFailure({ fullname, name, diag }: Result): string {
  const { at, source, stack, ...rest } = (diag ?? {}) as Record<string, unknown>
  const place = at as { fileName?: string; lineNumber?: number } | undefined
  const details = [
    place?.fileName ? `at ${place.fileName}:${place.lineNumber}` : '',
    typeof source === 'string' ? source.trimEnd() : '',
    Object.keys(rest).length > 0 ? textOf(rest) : '',
    typeof stack === 'string' ? stack.trimEnd() : '',
  ]
  const text = details.filter(Boolean).join('\n').replaceAll(/^/gm, '      ')
  return `  ✖ ${fullname || name}\n${text}`
}

function textOf(rest: Record<string, unknown>): string {
  return Object.entries(rest)
    .map(
      ([key, value]) => `${key}: ${typeof value === 'string' ? value : inspect(value, { depth: 6, breakLength: 110 })}`,
    )
    .join('\n')
}
