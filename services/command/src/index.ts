export { buildCommandApp, type CommandApp, type CommandDeps, type CommandLimits, commandRoutes } from './app.ts'
export { type CommandConfig, readConfig } from './config.ts'
