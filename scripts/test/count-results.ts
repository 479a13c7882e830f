import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { Parser } from 'tap-parser'

export interface Counts {
  passed: number
  failed: number
}

/**
 * Counts the assertions of a file of TAP. The result that closes a subtest repeats what its assertions said and is not counted, except
 * where it fails and they did not (a process that ended badly after its last assertion). What was skipped, or is marked as still to
 * be done, is neither passed nor failed.
 */
export async function countResults(file: string): Promise<Counts> {
  const counts = { passed: 0, failed: 0 }
  const parser = new Parser()
  watch(parser, counts)
  await pipeline(createReadStream(file), parser)
  return counts
}

function watch(parser: Parser, counts: Counts): void {
  const open: { failed: number }[] = []
  parser.on('child', (child: Parser) => {
    open.push({ failed: counts.failed })
    watch(child, counts)
  })
  parser.on('assert', (result) => {
    const subtest = open.shift()
    if (subtest) counts.failed += !result.ok && subtest.failed === counts.failed ? 1 : 0
    else if (result.skip || result.todo) return
    else if (result.ok) counts.passed += 1
    else counts.failed += 1
  })
}
