// Reads simulations, a JSON list, from standard input and writes the list of their results: Allowed, ExplicitlyDenied
// or ImplicitlyDenied.
import { runSimulation } from '@cloud-copilot/iam-simulate'

let text = ''
for await (const chunk of process.stdin) text += chunk

const results = []
for (const simulation of JSON.parse(text)) {
  const { action, resource } = simulation.request
  const done = await runSimulation({ serviceControlPolicies: [], resourceControlPolicies: [], ...simulation }, {})
  if (done.resultType === 'error') {
    console.error(`${action} on ${resource.resource}: ${JSON.stringify(done.errors)}`)
    process.exit(1)
  }
  results.push(done.overallResult)
}
process.stdout.write(JSON.stringify(results))
