import { readFileSync } from 'node:fs'
import { checkFile, type Finding } from '@commitments/iati-check'
import { remark, say } from './terminal.ts'

const usage =
  'Usage: npm run iati-check -- FILE…\n' +
  'Checks files of IATI 2.03 (of anybody) by the schema, the code lists and the rules. Prints one line for each finding.\n' +
  'Exit codes: 0 no errors (perhaps warnings); 1 errors; 2 a file could not be read.'

const files = process.argv.slice(2)
if (files.some((one) => one === '--help' || one === '-h')) {
  say(usage)
  process.exit(0)
}
if (files.length === 0) {
  remark('Give one file of IATI 2.03 or several: npm run iati-check -- activities.xml')
  process.exit(2)
}
process.exitCode = Math.max(...files.map(checked))

function checked(file: string): number {
  const bytes = readBytes(file)
  if (bytes === null) return 2
  const { activities, findings } = checkFile(bytes, new Date())
  for (const finding of findings) say(lineOf(file, finding))
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const verdict = errors === 0 ? 'valid' : 'NOT valid'
  say(`${file}: ${verdict}; ${activities} activities, ${errors} errors, ${findings.length - errors} warnings`)
  return errors === 0 ? 0 : 1
}

function readBytes(file: string): Uint8Array | null {
  try {
    return readFileSync(file)
  } catch (error) {
    remark(`${file} cannot be read: ${(error as Error).message}`)
    return null
  }
}

function lineOf(file: string, { severity, layer, rule, activity, line, message }: Finding): string {
  const place = line === 0 ? file : `${file}:${line}`
  const by = rule === null ? layer : `${layer} ${rule}`
  return `${place}: ${severity} (${by})${activity === null ? '' : ` in ${activity}`}: ${message}`
}
