// Loaded into every process that the bench starts. The channel to the parent closes when the parent is gone, also when it was killed with
// -9 and could close nothing itself.
process.on('disconnect', () => process.exit(1))
