/**
 * Builds what the projection service serves but does not run: the board, and the auditor's command with its documents. Each is built only
 * if its sources have changed. `npm start`, `npm test` and the image do this too.
 */
import { buildIfChanged as buildAudit } from '../packages/audit-cli/build.ts'
import { buildIfChanged as buildBoard } from '../packages/board/build.ts'

await Promise.all([buildBoard(), buildAudit()])
