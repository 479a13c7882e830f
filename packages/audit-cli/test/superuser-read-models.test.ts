import t from 'tap'
import { ofReadModels } from './superuser/faults.ts'
import { holdFaults } from './superuser/hold-faults.ts'

// As superuser.test.ts, for what is made from the log: the most faults, so that neither file takes too long.

t.setTimeout(900_000)

holdFaults(ofReadModels)
