/**
 * `npm run --silent commit`: prints the commit that `npm run build` writes into the auditor's command, for a build without git, such as
 * that of the image.
 */
import { commitOf } from '../../packages/audit-cli/build.ts'

console.log(commitOf() ?? '')
