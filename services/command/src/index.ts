export { buildCommandApp, type CommandApp, type CommandDeps, commandRoutes } from './app.ts'
export { type CommandConfig, readConfig } from './config.ts'
