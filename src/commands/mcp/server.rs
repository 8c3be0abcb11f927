//! The server: tells which tools there are, and turns calls into runs.

use std::path::PathBuf;
use std::sync::Arc;

use rmcp::ErrorData;
use rmcp::handler::server::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation, ListToolsResult,
    PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool as Described, ToolAnnotations,
};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::{Value, json};

use crate::error::Outcome;

use super::call::{self, Said};
use super::tools::{BadCall, TOOLS, Tool};
use super::words::Fixed;

const INSTRUCTIONS: &str = "Kubernetes Secrets without their values. No tool returns a value and none takes one: do not \
    ask the user for a value, and do not look for another way to read one. Times and users of changes are claims. \
    An error says what to type; what it says is for the user to decide.";

/// The server of one client.
#[derive(Debug, Clone)]
pub(super) struct Server {
    program: PathBuf,
    fixed: Arc<Fixed>,
    allow_writes: bool,
}

impl Server {
    /// Makes it; nothing is read or asked.
    pub(super) fn new(program: PathBuf, fixed: Fixed, allow_writes: bool) -> Self {
        Self { program, fixed: Arc::new(fixed), allow_writes }
    }

    fn tools(&self) -> impl Iterator<Item = &'static Tool> {
        let allow_writes = self.allow_writes;
        TOOLS.iter().filter(move |tool| allow_writes || !tool.writes)
    }

    async fn call(&self, request: CallToolRequestParams) -> Result<CallToolResult, ErrorData> {
        let tool = self.tools().find(|tool| tool.name == request.name);
        let tool = tool.ok_or_else(|| ErrorData::invalid_params("there is no tool of this name", None))?;
        let arguments = request.arguments.unwrap_or_default();
        let words =
            tool.words(&arguments, &self.fixed).map_err(|BadCall(reason)| ErrorData::invalid_params(reason, None))?;
        Ok(match call::run(&self.program, &words).await {
            Ok(said) => answer(said),
            Err(reason) => CallToolResult::error(vec![ContentBlock::text(reason)]),
        })
    }
}

/// A report, or why there is none. Differences are an answer, not a failure.
fn answer(said: Said) -> CallToolResult {
    let Said { code, report, talk } = said;
    let fine = [Outcome::Done, Outcome::Differences].map(|outcome| Some(i32::from(outcome.exit_code())));
    match serde_json::from_str::<Value>(&report) {
        Ok(report) if fine.contains(&code) => {
            let mut result = CallToolResult::structured(report);
            if !talk.trim().is_empty() {
                result.content.push(ContentBlock::text(talk));
            }
            result
        }
        _ => {
            let mut result = CallToolResult::structured_error(json!({"exitCode": code, "message": talk.trim()}));
            result.content = vec![ContentBlock::text(talk)];
            result
        }
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let mut info = ServerConfig::new(ServerCapabilities::builder().enable_tools().build());
        info.server_info = Implementation::new("kubectl-secretsafe", env!("CARGO_PKG_VERSION"));
        info.with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let described = self.tools().map(|tool| {
            let mut described = Described::new(tool.name, tool.description, tool.schema(&self.fixed));
            described.title = Some(tool.title.to_owned());
            let destroys = tool.writes && tool.name != "create_secret";
            described.annotations = Some(ToolAnnotations::from_raw(
                Some(tool.title.to_owned()),
                Some(!tool.writes),
                Some(destroys),
                Some(!tool.writes),
                Some(true),
            ));
            described
        });
        Ok(ListToolsResult::with_all_items(described.collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        tokio::select! {
            answer = self.call(request) => answer.map(Into::into),
            () = context.ct.cancelled() => Err(ErrorData::internal_error("the call was cancelled", None)),
        }
    }
}
