/** The service every contender answers: one small unary call. @service */
export interface Echo {
  hello(request: HelloRequest): Promise<HelloReply>;
}

export interface HelloRequest {
  id: number;
  name: string;
}

export interface HelloReply {
  message: string;
  ok: boolean;
}
