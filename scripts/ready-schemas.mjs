// Puts a check of mlops.yml into the program as code. Ajv would make it anew in each command that is given in a project, which takes
// more processor time than all else that most of them do; it is loaded when something is wrong, and says what.
import { Ajv } from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'

/** A plugin of esbuild, for what `src/schema/ready.ts` says. */
export const readySchemas = {
  name: 'ready schemas',
  setup({ esbuild, initialOptions: { absWorkingDir }, onLoad, onResolve }) {
    onLoad({ filter: /\/src\/schema\/ready\.ts$/ }, async () => {
      const schema = await projectSchema(esbuild, absWorkingDir)
      const ajv = new Ajv({ allowUnionTypes: true, strict: false, messages: false, code: { source: true } })
      const contents = `
let check
export const readyCheck = schema => (schema.$id === ${JSON.stringify(schema.$id)} ? (check ??= make()) : undefined)
function make() {
  const module = {}
  ${standalone.default(ajv, ajv.compile(schema))}
  return module.exports
}`
      return { contents, resolveDir: `${absWorkingDir}/src/schema` }
    })
    onResolve({ filter: /^ajv$/ }, ({ namespace }) =>
      namespace === 'late' ? undefined : { path: 'ajv', namespace: 'late' },
    )
    onLoad({ filter: /^ajv$/, namespace: 'late' }, () => ({
      contents: `Object.defineProperty(exports, 'Ajv', { enumerable: true, get: () => require('ajv').Ajv })`,
      resolveDir: absWorkingDir,
    }))
  },
}

async function projectSchema(esbuild, absWorkingDir) {
  const { outputFiles } = await esbuild.build({
    absWorkingDir,
    entryPoints: ['src/project/schema.ts'],
    bundle: true,
    format: 'esm',
    write: false,
  })
  const { projectSchema: schema } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`)
  return schema
}
