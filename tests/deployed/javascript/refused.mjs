// One call of the AWS SDK for JavaScript that is refused: the error's name and the attempts go to
// stdout as JSON. The endpoint and the credentials come from the environment.

import { ListCollectionsCommand, RekognitionClient } from "@aws-sdk/client-rekognition";

try {
  await new RekognitionClient({}).send(new ListCollectionsCommand({}));
} catch (error) {
  const { attempts, httpStatusCode } = error.$metadata;
  console.log(JSON.stringify({ name: error.name, message: error.message, attempts, httpStatusCode }));
}
