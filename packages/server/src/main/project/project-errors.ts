import { defineErrors } from '@fairlead/kernel';

export const projectErrors = defineErrors('project', {
  PRJ_INVALID: {
    status: 400,
    fault: 'user',
    title: 'The project file breaks its schema',
    remedy: 'Correct the places named in `data.problems`; docs/reference/project.schema.json describes every key.',
  },
  PRJ_REFERENCE: {
    status: 400,
    fault: 'user',
    title: 'The project file names something that it does not declare',
    remedy: 'Declare it in the same project file or correct the name.',
  },
  PRJ_FOLDER_FORBIDDEN: {
    status: 403,
    fault: 'user',
    title: 'The project folder lies outside the folders this server may use',
    remedy: 'Start `fairlead up` in or above the project folder, or add the folder to `dataRoots`.',
  },
});
