/** The test files that take longest. A file that is missing here only begins later. */
export const longest: readonly string[] = [
  'packages/audit-cli/test/served.test.ts',
  'packages/audit-cli/test/served-random.test.ts',
  'packages/audit-cli/test/superuser.test.ts',
  'packages/audit-cli/test/superuser-read-models.test.ts',
  'packages/audit-cli/test/command.test.ts',
  'tests/start.test.ts',
  'tests/largest.test.ts',
  'services/projection/test/fill.test.ts',
  'services/projection/test/rebuild.test.ts',
  'packages/audit-cli/test/tamper.test.ts',
  'services/projection/test/list.test.ts',
  'services/projection/test/largest.test.ts',
  'services/command/test/faults/bulk-stream.test.ts',
  'tests/simulation.test.ts',
  'tests/crash.test.ts',
  'tests/fuzz.test.ts',
]
