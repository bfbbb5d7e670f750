import { Argument, type Command } from 'commander'

/** `mlops schema playbook|inventory|project`. */
export function register(program: Command): void {
  program
    .command('schema')
    .summary('Print the JSON Schema of a file, for editors')
    .description(
      'Prints a JSON Schema. Editors with the YAML language server use it after a first line such as\n' +
        '# yaml-language-server: $schema=playbook.schema.json',
    )
    .addArgument(new Argument('<file>', 'whose schema').choices(['playbook', 'inventory', 'project']))
    .action(async (file: string) => {
      process.stdout.write(`${JSON.stringify(await schemaOf(file), null, 2)}\n`)
    })
}

async function schemaOf(file: string): Promise<unknown> {
  if (file === 'project') return (await import('../project/schema.ts')).projectSchema
  const { inventorySchema, playbookSchema } = await import('../docs/editor-schema.ts')
  return file === 'inventory' ? inventorySchema : playbookSchema((await import('../modules/registry.ts')).registry)
}
