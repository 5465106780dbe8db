//! Tells Zed how the server is started: as the settings say, or as it is found on the path of the project's shell.

use zed_extension_api::{
    self as zed, serde_json::Value, settings::LspSettings, Command, LanguageServerId, Result,
    Worktree,
};

struct Shipworthy;

impl zed::Extension for Shipworthy {
    fn new() -> Self {
        Shipworthy
    }

    fn language_server_command(
        &mut self,
        server: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Command> {
        let binary = LspSettings::for_worktree(server.as_ref(), worktree)?.binary;
        let set = binary.as_ref().and_then(|binary| binary.path.clone());
        let command = set.or_else(|| worktree.which("shipworthy-server")).ok_or(
            "shipworthy-server is not on PATH: install it with `uv tool install shipworthy`",
        )?;
        Ok(Command {
            command,
            args: binary
                .and_then(|binary| binary.arguments)
                .unwrap_or_default(),
            env: worktree.shell_env(),
        })
    }

    fn language_server_workspace_configuration(
        &mut self,
        server: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<Value>> {
        Ok(LspSettings::for_worktree(server.as_ref(), worktree)?.settings)
    }
}

zed::register_extension!(Shipworthy);
