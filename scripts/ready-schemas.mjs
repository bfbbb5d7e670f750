// Puts the check of mlops.yml into the program as code. Ajv would make it anew in each command that is given in a project, which
// takes more processor time than all else that most of them do.
import { Ajv } from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'

/** A plugin of esbuild: in src/schema/compile.ts, schemas with an `$id` stand ready; Ajv is loaded for others. */
export const readySchemas = {
  name: 'ready schemas',
  setup({ esbuild, initialOptions: { absWorkingDir }, onLoad }) {
    onLoad({ filter: /\/src\/schema\/compile\.ts$/ }, async () => {
      const { options, projectSchema } = await sources(esbuild, absWorkingDir)
      const ajv = new Ajv({ ...options, code: { source: true } })
      const code = standalone.default(ajv, ajv.compile(projectSchema))
      return {
        contents: `
export const options = ${JSON.stringify(options)}
export function compile(schema) {
  if (schema.$id !== ${JSON.stringify(projectSchema.$id)}) return new (require('ajv').Ajv)(options).compile(schema)
  const module = {}
  ${code}
  return module.exports
}`,
        resolveDir: `${absWorkingDir}/src/schema`,
      }
    })
  },
}

/** The options and the schema as the sources have them. */
async function sources(esbuild, absWorkingDir) {
  const contents = `
export { options } from './src/schema/compile.ts'
export { projectSchema } from './src/project/schema.ts'`
  const { outputFiles } = await esbuild.build({
    absWorkingDir,
    stdin: { contents, resolveDir: absWorkingDir },
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['ajv'],
    write: false,
  })
  return await import(
    `data:text/javascript,${encodeURIComponent(outputFiles[0].text.replace(/^import .*"ajv";$/m, ''))}`
  )
}
