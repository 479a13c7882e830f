/** Test support for rules, without databases and faults: `@commitments/test-kit/domain` loads in milliseconds. */
export * from './examples.ts'
export * from './given.ts'
export * from './holds.ts'
export * from './search.ts'
