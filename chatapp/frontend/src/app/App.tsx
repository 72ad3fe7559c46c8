import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, type ReactNode } from "react";
import { BrowserRouter, Navigate, Outlet, Route, Routes, useLocation } from "react-router";
import { ApiError } from "../api/errors";
import { meQuery } from "../api/queries";
import { AuthPage } from "../auth/AuthPage";
import { signIn } from "../auth/signIn";
import { I18nProvider, useT, type Texts } from "../i18n";
import { Toasts } from "../ui/Toasts";
import { ErrorBoundary } from "./ErrorBoundary";
import { NotFoundPage } from "./NotFoundPage";
import { queryClient } from "./queryClient";

const SignedIn = lazy(() => import("./SignedIn"));
const SettingsPage = lazy(() => import("../settings/SettingsPage"));
const ChatPage = lazy(() => import("../chat/ChatPage"));

export function App({ i18n }: { i18n: Texts }): ReactNode {
  return (
    <I18nProvider initial={i18n}>
      <QueryClientProvider client={queryClient}>
        <ErrorBoundary>
          <BrowserRouter>
            <Pages />
          </BrowserRouter>
          <Toasts />
        </ErrorBoundary>
      </QueryClientProvider>
    </I18nProvider>
  );
}

function Pages(): ReactNode {
  return (
    <Routes>
      <Route path="/login" element={<Stranger page={<AuthPage mode="login" />} />} />
      <Route path="/register" element={<Stranger page={<AuthPage mode="register" />} />} />
      <Route element={<Known />}>
        <Route element={<ChatPage />}>
          <Route path="/" element={null} />
          <Route path="/c/:conversationId" element={null} />
        </Route>
        <Route path="/settings" element={<SettingsPage />} />
      </Route>
      <Route path="*" element={<NotFoundPage />} />
    </Routes>
  );
}

/** Pages for those who are signed in; the others log in first, and then come here. */
function Known(): ReactNode {
  const { user, failed } = useUser();
  const { pathname } = useLocation();
  useEffect(() => {
    if (user) signIn.began();
  }, [user]);
  if (failed) return <NotFoundPage reason="unreachable" />;
  if (user === undefined) return <Waiting />;
  if (user === null) return <Navigate to={pathname === "/" ? "/login" : `/login?next=${encodeURIComponent(pathname)}`} replace />;
  return (
    <Suspense fallback={<Waiting />}>
      <SignedIn user={user}>
        <Suspense fallback={<Waiting />}>
          <Outlet />
        </Suspense>
      </SignedIn>
    </Suspense>
  );
}

/** Pages for those who are not signed in; the others are led to the chat. */
function Stranger({ page }: { page: ReactNode }): ReactNode {
  const { user } = useUser();
  const next = new URLSearchParams(useLocation().search).get("next");
  if (user) return <Navigate to={ownPath(next)} replace />;
  return page;
}

/** A path of this page only: `next` may come from a link that somebody else made. */
export function ownPath(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : "/";
}

function useUser() {
  const { data, error, isPending } = useQuery(meQuery);
  if (data !== undefined) return { user: data, failed: false };
  if (error instanceof ApiError && error.status === 401) return { user: null, failed: false };
  return { user: undefined, failed: !isPending };
}

/** While this is all there is, the frame from the document stays to be seen (shell.css). */
function Waiting(): ReactNode {
  const t = useT();
  return (
    <p className="waiting visually-hidden" role="status">
      {t("app.loading")}
    </p>
  );
}
