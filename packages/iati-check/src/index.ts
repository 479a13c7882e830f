export { agencies } from './agencies.ts'
export { checkFile } from './check-file.ts'
export type { Finding } from './finding.ts'
export { codeList } from './standard.ts'
